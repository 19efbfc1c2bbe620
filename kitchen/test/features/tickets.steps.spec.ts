import { join } from 'node:path';
import { kitchenapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import { autoBindSteps, loadFeature, type StepDefinitions } from 'jest-cucumber';
import request, { type Response } from 'supertest';
import { lineItems, startKitchen, type Kitchen, type TicketIds } from '../kitchen';

let kitchen: Kitchen;
let restaurantId: string;
let ticket: TicketIds;
let answer: Response;

beforeEach(async () => {
  kitchen = await startKitchen();
});
afterEach(() => kitchen.messages.stop());

const look = async () => {
  const seen = await request(kitchen.app).get(`/api/tickets/${ticket.ticketId}`).expect(200);
  return seen.body as { state: string; line_items: { menu_item_id: string; quantity: number }[] };
};
const accept = async (readyBy: Date): Promise<void> => {
  answer = await request(kitchen.app)
    .post(`/api/tickets/${ticket.ticketId}/accept`)
    .send({ ready_by: readyBy.toISOString() });
};
const DAY = 24 * 3_600_000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY);

const quantitiesOf = (soup: string, cake: string) =>
  lineItems.map((item) => ({ ...item, quantity: Number(item.menuItemId === 'soup' ? soup : cake) }));
const ofRestaurant = () => ({ ticketId: ticket.ticketId, restaurantId: ticket.restaurantId });
const revision = (quantity: string, item: string) => ({
  ...ofRestaurant(),
  revisedQuantities: { [item]: Number(quantity) },
});

const whatTheKitchenKnows: StepDefinitions = ({ given }) => {
  given('a restaurant that serves soup and cake', async () => {
    restaurantId = await kitchen.restaurantJoins();
  });
  given(/^an order of (\d+) soup and (\d+) cake is placed$/, async (soup: string, cake: string) => {
    ticket = { ticketId: newId(), restaurantId, orderId: newId() };
    const ticketDetails = quantitiesOf(soup, cake);
    const command = { orderId: ticket.orderId, restaurantId, ticketDetails };
    await kitchen.messages.command(kitchenapi.CreateTicket, command, { id: ticket.ticketId });
  });
  given('a ticket of 2 soup and 1 cake', async () => {
    ticket = await kitchen.confirmedTicket();
  });
};

const whatTheRestaurantDoes: StepDefinitions = ({ when }) => {
  when('the restaurant accepts it', () => accept(daysFromNow(1)));
  when('the restaurant accepts it to be ready yesterday', () => accept(daysFromNow(-1)));
};

const whatBecomesOfTheOrder: StepDefinitions = ({ when }) => {
  const { ConfirmCreateTicket, CancelCreateTicket } = kitchenapi;
  const { BeginCancelTicket, ConfirmCancelTicket, UndoCancelTicket } = kitchenapi;
  const { BeginReviseTicket, ConfirmReviseTicket, UndoReviseTicket } = kitchenapi;
  const created = () => ({ ticketId: ticket.ticketId });

  when('the order is paid for', () => kitchen.messages.command(ConfirmCreateTicket, created()));
  when('the order is not paid for', () => kitchen.messages.command(CancelCreateTicket, created()));
  when('the order is being cancelled', () => kitchen.messages.command(BeginCancelTicket, ofRestaurant()));
  when('the order is cancelled', () => kitchen.messages.command(ConfirmCancelTicket, ofRestaurant()));
  when('the order is not cancelled', () => kitchen.messages.command(UndoCancelTicket, ofRestaurant()));
  when(/^the order is being revised to (\d+) (\w+)$/, (quantity: string, item: string) =>
    kitchen.messages.command(BeginReviseTicket, revision(quantity, item)),
  );
  when(/^the order is revised to (\d+) (\w+)$/, (quantity: string, item: string) =>
    kitchen.messages.command(ConfirmReviseTicket, revision(quantity, item)),
  );
  when('the order is not revised', () => kitchen.messages.command(UndoReviseTicket, ofRestaurant()));
};

const whatCanBeSeen: StepDefinitions = ({ then }) => {
  then(/^the ticket is (\w+)$/, async (state: string) => {
    expect((await look()).state).toBe(state);
  });
  then(/^the ticket says (\d+) soup and (\d+) cake$/, async (soup: string, cake: string) => {
    const quantities = Object.fromEntries(
      (await look()).line_items.map((item) => [item.menu_item_id, item.quantity]),
    );
    expect(quantities).toEqual({ soup: Number(soup), cake: Number(cake) });
  });
  then(/^the restaurant is refused with (\d+)$/, (status: string) => {
    expect(answer.status).toBe(Number(status));
  });
  then(/^the other services hear (Ticket\w+)$/, (name: string) => {
    expect(kitchen.published().at(-1)).toMatchObject({ name: `kitchenapi.${name}`, id: ticket.ticketId });
  });
  then('the other services hear nothing', () => {
    expect(kitchen.published()).toEqual([]);
  });
};

autoBindSteps(
  [loadFeature(join(__dirname, '../../features/tickets.feature'))],
  [whatTheKitchenKnows, whatTheRestaurantDoes, whatBecomesOfTheOrder, whatCanBeSeen],
);
