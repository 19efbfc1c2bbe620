import { newId } from '@ftgo/shared-ts';
import { createTicket, type KitchenPorts } from '../../src/application';
import { lineItems } from '../kitchen';

it('loads the restaurant and the ticket side by side', () => {
  const unanswered = () => new Promise<never>(() => undefined);
  const ports = { restaurants: { find: jest.fn(unanswered) }, tickets: { update: jest.fn(unanswered) } };
  void createTicket(ports as unknown as KitchenPorts, {
    ticketId: newId(),
    orderId: newId(),
    restaurantId: newId(),
    ticketDetails: lineItems,
  });
  expect(ports.restaurants.find).toHaveBeenCalled();
  expect(ports.tickets.update).toHaveBeenCalled();
});
