import { join } from 'node:path';
import { autoBindSteps, loadFeatures, type StepDefinitions } from 'jest-cucumber';
import { World, type Other } from './world';

type Rows = { id: string; name: string; price: string }[];

const cents = (price: string): number => Math.round(Number(price) * 100);
const toMenu = (rows: Rows) => rows.map(({ id, name, price }) => ({ id, name, price: cents(price) }));

let world: World;
let menu: ReturnType<typeof toMenu>;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.stop());

const restaurants: StepDefinitions = ({ given, when }) => {
  given(/^the restaurant "(.*)" with the menu$/, async (name: string, rows: Rows) => {
    menu = toMenu(rows);
    await world.restaurantJoins(name, menu);
  });

  when('the restaurant doubles its prices', () =>
    world.menuIsRevised(menu.map((item) => ({ ...item, price: 2 * item.price }))),
  );
};

const consumers: StepDefinitions = ({ given, when }) => {
  const order = (some: string, item: string, more: string, other: string) =>
    world.order({ [item]: Number(some), [other]: Number(more) });

  given(
    /^an approved order of (\d+) "(.*)" and (\d+) "(.*)"$/,
    async (...lines: [string, string, string, string]) => {
      await order(...lines);
      await world.settle();
    },
  );

  when(/^a consumer orders (\d+) "(.*)" and (\d+) "(.*)"$/, order);

  when('the consumer cancels the order', () => world.cancel());

  when(/^the consumer asks for (\d+) "(.*)" instead$/, (quantity: string, item: string) =>
    world.revise({ [item]: Number(quantity) }),
  );

  when('the consumer asks for nothing at all instead', () =>
    world.revise(Object.fromEntries(menu.map(({ id }) => [id, 0]))),
  );
};

const otherServices: StepDefinitions = ({ when, then }) => {
  when(/^(?:consumer, )?kitchen and accounting agree$/, () => world.settle());

  when(/^(?:the )?(kitchen|accounting) refuses$/, (other: Other) => world.settle(other));

  then('the kitchen has been told to cancel the ticket', () => {
    expect(world.toldTheKitchen()).toEqual(['kitchenapi.CreateTicket', 'kitchenapi.CancelCreateTicket']);
  });
};

const outcomes: StepDefinitions = ({ then }) => {
  then(/^the order is "(.*)"$/, async (state: string) => {
    expect((await world.shown()).state).toBe(state);
  });

  then(/^the order costs (.*)$/, async (price: string) => {
    expect((await world.shown()).order_total).toBe(cents(price));
  });

  then('the order has a ticket', async () => {
    expect((await world.shown()).ticket_id).toEqual(expect.any(String));
  });

  then(/^the (?:order|request) is refused as "(.*)"$/, (reason: string) => {
    expect(world.refusal()).toBe(reason);
  });
};

autoBindSteps(loadFeatures(join(__dirname, '../../features/*.feature')), [
  restaurants,
  consumers,
  otherServices,
  outcomes,
]);
