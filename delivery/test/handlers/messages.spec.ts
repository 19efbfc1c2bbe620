import { kitchenapi, restaurantapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import {
  ajanta,
  halfAnHourLater,
  home,
  newStory,
  readyBy,
  startDeliveries,
  type Deliveries,
} from '../deliveries';

type Step = 'restaurantCreated' | 'orderCreated' | 'ticketAccepted' | 'ticketCancelled';

/** Every order of some things. */
const permutations = <T>(things: readonly T[]): T[][] =>
  things.length === 0
    ? [[]]
    : things.flatMap((thing, index) =>
        permutations(things.filter((_, other) => other !== index)).map((rest) => [thing, ...rest]),
      );

describe('The delivery service, as events arrive', () => {
  let deliveries: Deliveries;

  beforeEach(async () => {
    deliveries = await startDeliveries();
  });
  afterEach(() => deliveries.messages.stop());

  describe.each(permutations<Step>(['restaurantCreated', 'orderCreated', 'ticketAccepted']))(
    'first %s, then %s, then %s:',
    (...steps) => {
      it('schedules the delivery with the last of them, and not before', async () => {
        const story = newStory();
        for (const step of steps) {
          expect(await deliveries[step](story)).toBe('acknowledged');
          const { status, body } = await deliveries.delivery(story);
          if (status === 404) expect(steps.indexOf('orderCreated')).toBeGreaterThan(steps.indexOf(step));
          else expect(body).toMatchObject({ status: step === steps.at(-1) ? 'SCHEDULED' : 'PENDING' });
        }
        const courierId = await deliveries.courierOf(story);
        expect((await deliveries.courier(courierId).expect(200)).body).toEqual({
          id: courierId,
          available: true,
          actions: [
            { delivery_id: story.orderId, type: 'PICKUP', address: ajanta, time: readyBy },
            { delivery_id: story.orderId, type: 'DROPOFF', address: home, time: halfAnHourLater },
          ],
        });
      });

      it('schedules it once when each comes twice under ids of their own', async () => {
        const story = newStory();
        for (const step of [...steps, ...steps]) await deliveries[step](story);
        const courierId = await deliveries.courierOf(story);
        const { actions } = (await deliveries.courier(courierId)).body as { actions: unknown[] };
        expect(actions).toHaveLength(2);
      });

      it('schedules it when all arrive as one batch', async () => {
        const story = newStory();
        const settled = await Promise.all(steps.map((step) => deliveries[step](story)));
        expect(settled).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
        expect((await deliveries.delivery(story)).body).toMatchObject({
          status: 'SCHEDULED',
          courier_actions: ['PICKUP', 'DROPOFF'],
        });
      });
    },
  );

  it.each(permutations<Step>(['restaurantCreated', 'orderCreated', 'ticketAccepted', 'ticketCancelled']))(
    'leaves a delivery cancelled: %s, %s, %s, %s',
    async (...steps) => {
      const story = newStory();
      for (const step of steps) await deliveries[step](story);
      const wasScheduled = steps.at(-1) === 'ticketCancelled';
      const { body } = await deliveries.delivery(story).expect(200);
      expect(body).toEqual({
        id: story.orderId,
        status: 'CANCELLED',
        assigned_courier: wasScheduled ? expect.stringMatching(/./) : '',
        courier_actions: [],
      });
    },
  );

  it('takes a cancelled delivery off the plan of its courier, who keeps the others', async () => {
    const first = newStory();
    const second = newStory(first.restaurantId);
    await deliveries.restaurantCreated(first);
    for (const story of [first, second]) {
      await deliveries.orderCreated(story);
      await deliveries.ticketAccepted(story);
    }
    const courierId = await deliveries.courierOf(first);
    expect(await deliveries.courierOf(second)).toBe(courierId);
    await deliveries.ticketCancelled(first);
    const { actions } = (await deliveries.courier(courierId)).body as { actions: { delivery_id: string }[] };
    expect(actions.map((action) => action.delivery_id)).toEqual([second.orderId, second.orderId]);
  });

  it('gives a delivery to a courier who is available, and none to one who is not', async () => {
    const [away, here] = [newId(), newId()];
    await deliveries.setAvailability(away, false);
    await deliveries.setAvailability(here, true);
    const story = newStory();
    await deliveries.restaurantCreated(story);
    await deliveries.orderCreated(story);
    await deliveries.ticketAccepted(story);
    expect(await deliveries.courierOf(story)).toBe(here);
  });

  it('schedules all deliveries that waited for a restaurant when it is created', async () => {
    const first = newStory();
    const stories = [first, newStory(first.restaurantId), newStory(first.restaurantId)];
    for (const story of stories) {
      await deliveries.ticketAccepted(story);
      await deliveries.orderCreated(story);
    }
    await deliveries.restaurantCreated(first);
    for (const story of stories)
      expect((await deliveries.delivery(story)).body).toMatchObject({ status: 'SCHEDULED' });
  });

  it('is done with events that change nothing for a delivery', async () => {
    const story = newStory();
    const restaurant = { id: story.restaurantId, version: 2 };
    const ticket = { id: story.ticketId, version: 2 };
    const { messages } = deliveries;
    expect(await messages.event(restaurantapi.RestaurantMenuRevised, restaurant, { menu: [] })).toBe(
      'acknowledged',
    );
    expect(
      await messages.event(kitchenapi.TicketRevised, ticket, { revisedQuantities: { vindaloo: 1 } }),
    ).toBe('acknowledged');
  });

  it('sets an event aside that has no time at which the food is ready', async () => {
    const { orderId, ticketId } = newStory();
    const settled = await deliveries.messages.event(
      kitchenapi.TicketAccepted,
      { id: ticketId, version: 2 },
      { orderId, acceptedAt: readyBy, readyBy: 'soon' },
    );
    expect(settled).toBe('set aside');
  });
});
