import { join } from 'node:path';
import { newId } from '@ftgo/shared-ts';
import { defineFeature, loadFeature, type DefineStepFunction } from 'jest-cucumber';
import { ajanta, home, newStory, startDeliveries, type Deliveries, type Story } from '../deliveries';

const at = (time: string): string => `2030-01-31T${time}:00.000Z`;

defineFeature(loadFeature(join(__dirname, '../../features/deliveries.feature')), (test) => {
  let deliveries: Deliveries;
  let story: Story;
  let couriers: string[];

  beforeEach(async () => {
    deliveries = await startDeliveries();
    story = newStory();
    couriers = [];
  });
  afterEach(() => deliveries.messages.stop());

  const courierComes = async (available: boolean): Promise<void> => {
    const id = newId();
    couriers.push(id);
    await deliveries.setAvailability(id, available).expect(200);
  };
  const plan = async (courierId = ''): Promise<unknown[]> =>
    ((await deliveries.courier(courierId).expect(200)).body as { actions: unknown[] }).actions;

  const anOrder = (step: DefineStepFunction): void =>
    step('an order at Ajanta', async () => {
      await deliveries.restaurantCreated(story);
      await deliveries.orderCreated(story);
    });
  const anAvailableCourier = (step: DefineStepFunction): void =>
    step('an available courier', () => courierComes(true));
  const isAccepted = (step: DefineStepFunction): void =>
    step('the ticket is accepted, to be ready at 18:00', async () => {
      await deliveries.ticketAccepted(story);
    });
  const isCancelled = (step: DefineStepFunction): void =>
    step('the ticket is cancelled', async () => {
      await deliveries.ticketCancelled(story);
    });
  const deliveryIsCancelled = (step: DefineStepFunction): void =>
    step('the delivery is cancelled', async () => {
      expect((await deliveries.delivery(story).expect(200)).body).toMatchObject({
        status: 'CANCELLED',
        courier_actions: [],
      });
    });

  test('The restaurant accepts the ticket', ({ given, and, when, then }) => {
    anOrder(given);
    anAvailableCourier(and);
    isAccepted(when);
    then('the delivery is scheduled with that courier', async () => {
      expect((await deliveries.delivery(story).expect(200)).body).toMatchObject({
        status: 'SCHEDULED',
        assigned_courier: couriers[0],
      });
    });
    and(/^the courier picks it up at the restaurant at ([\d:]+)$/, async (time: string) => {
      expect(await plan(couriers[0])).toContainEqual({
        delivery_id: story.orderId,
        type: 'PICKUP',
        address: ajanta,
        time: at(time),
      });
    });
    and(/^the courier drops it off at the consumer's door at ([\d:]+)$/, async (time: string) => {
      expect(await plan(couriers[0])).toContainEqual({
        delivery_id: story.orderId,
        type: 'DROPOFF',
        address: home,
        time: at(time),
      });
    });
  });

  test('No courier is available', ({ given, and, when, then }) => {
    anOrder(given);
    and('a courier who is not available', () => courierComes(false));
    isAccepted(when);
    then('the delivery is scheduled with another courier', async () => {
      const another = await deliveries.courierOf(story);
      expect(another).not.toBe(couriers[0]);
      expect(await plan(another)).toHaveLength(2);
    });
  });

  test('Two couriers take turns', ({ given, when, then }) => {
    given('two available couriers', async () => {
      await courierComes(true);
      await courierComes(true);
    });
    when(/^the tickets of (\d+) orders are accepted$/, async (count: string) => {
      await deliveries.restaurantCreated(story);
      for (let order = 0; order < Number(count); order++) {
        const another = newStory(story.restaurantId);
        await deliveries.orderCreated(another);
        await deliveries.ticketAccepted(another);
      }
    });
    then(/^each courier has (\d+) deliveries$/, async (count: string) => {
      for (const courier of couriers) expect(await plan(courier)).toHaveLength(2 * Number(count));
    });
  });

  test('The ticket is cancelled', ({ given, and, when, then }) => {
    anOrder(given);
    anAvailableCourier(and);
    isAccepted(and);
    isCancelled(when);
    deliveryIsCancelled(then);
    and('the courier has nothing to do', async () => {
      expect(await plan(couriers[0])).toEqual([]);
    });
  });

  test('The news of the cancellation overtakes that of the acceptance', ({ given, and, when, then }) => {
    anOrder(given);
    isCancelled(when);
    isAccepted(and);
    deliveryIsCancelled(then);
  });
});
