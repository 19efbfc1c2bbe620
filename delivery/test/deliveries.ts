import { kitchenapi, orderapi, restaurantapi, type values } from '@ftgo/serviceapis';
import { newId, type Transactor } from '@ftgo/shared-ts';
import { InMemoryDatabase, inMemoryTransactor } from '@ftgo/shared-ts/in-memory';
import { MessageDriver, testApp, type Arrival, type Settlement } from '@ftgo/shared-ts/testing';
import request, { type Test } from 'supertest';
import { inMemoryPorts } from '../src/adapters/ports';
import type { DeliveryPorts } from '../src/application';
import { eventHandlers } from '../src/handlers/events';
import { routes } from '../src/handlers/http';

export const ajanta: values.Address = {
  street1: '1 Main Street',
  city: 'Oakland',
  state: 'CA',
  zip: '94611',
};
export const home: values.Address = { street1: '9 Amazing View', city: 'Oakland', state: 'CA', zip: '94612' };
export const readyBy = '2030-01-31T18:00:00.000Z';
export const halfAnHourLater = '2030-01-31T18:30:00.000Z';

/** An order at a restaurant, and the ticket for it. */
export interface Story {
  readonly orderId: string;
  readonly restaurantId: string;
  readonly ticketId: string;
}

export const newStory = (restaurantId = newId()): Story => ({
  orderId: newId(),
  restaurantId,
  ticketId: newId(),
});

/** The delivery service as its neighbours see it. */
export interface Deliveries {
  readonly app: ReturnType<typeof testApp>;
  readonly messages: MessageDriver<DeliveryPorts>;
  restaurantCreated(story: Story, arrival?: Arrival): Promise<Settlement>;
  orderCreated(story: Story, arrival?: Arrival): Promise<Settlement>;
  orderApproved(story: Story, arrival?: Arrival): Promise<Settlement>;
  ticketAccepted(story: Story, arrival?: Arrival): Promise<Settlement>;
  ticketCancelled(story: Story, arrival?: Arrival): Promise<Settlement>;
  delivery(story: Story): Test;
  courier(id: string): Test;
  setAvailability(courierId: string, available: boolean): Test;
  /** The courier who has a delivery; empty when there is none. */
  courierOf(story: Story): Promise<string>;
}

export async function startDeliveries(
  transactor: Transactor<DeliveryPorts> = inMemoryTransactor(
    new InMemoryDatabase(),
    'delivery-service',
    inMemoryPorts,
  ),
): Promise<Deliveries> {
  const messages = new MessageDriver('delivery-service', transactor, eventHandlers);
  await messages.start();
  const app = testApp(routes(transactor));
  const delivery = ({ orderId }: Story): Test => request(app).get(`/api/deliveries/${orderId}`);
  return {
    app,
    messages,
    restaurantCreated: ({ restaurantId }, arrival) =>
      messages.event(
        restaurantapi.RestaurantCreated,
        { id: restaurantId, version: 1 },
        { name: 'Ajanta', address: ajanta, menu: [] },
        arrival,
      ),
    orderCreated: ({ orderId, restaurantId }, arrival) =>
      messages.event(
        orderapi.OrderCreated,
        { id: orderId, version: 1 },
        {
          consumerId: newId(),
          restaurantId,
          restaurantName: 'Ajanta',
          lineItems: [{ menuItemId: 'vindaloo', name: 'Chicken Vindaloo', price: 1234, quantity: 2 }],
          orderTotal: 2468,
          deliverAt: halfAnHourLater,
          deliverTo: home,
        },
        arrival,
      ),
    orderApproved: ({ orderId, ticketId }, arrival) =>
      messages.event(orderapi.OrderApproved, { id: orderId, version: 2 }, { ticketId }, arrival),
    ticketAccepted: ({ orderId, ticketId }, arrival) =>
      messages.event(
        kitchenapi.TicketAccepted,
        { id: ticketId, version: 3 },
        { orderId, acceptedAt: '2030-01-31T17:30:00.000Z', readyBy },
        arrival,
      ),
    ticketCancelled: ({ orderId, ticketId }, arrival) =>
      messages.event(kitchenapi.TicketCancelled, { id: ticketId, version: 5 }, { orderId }, arrival),
    delivery,
    courier: (id) => request(app).get(`/api/couriers/${id}`),
    setAvailability: (courierId, available) =>
      request(app).post(`/api/couriers/${courierId}/availability`).send({ available }),
    courierOf: async (story) =>
      ((await delivery(story).expect(200)).body as { assigned_courier: string }).assigned_courier,
  };
}
