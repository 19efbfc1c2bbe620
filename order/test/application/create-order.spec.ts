import { newId } from '@ftgo/shared-ts';
import { createOrder, type CreateOrder, type OrderPorts } from '../../src/application';

it('loads the restaurant and the order side by side', () => {
  const unanswered = () => new Promise<never>(() => undefined);
  const ports = { restaurants: { find: jest.fn(unanswered) }, orders: { update: jest.fn(unanswered) } };
  const command = { orderId: newId(), restaurantId: newId() } as unknown as CreateOrder;
  void createOrder(ports as unknown as OrderPorts, command);
  expect(ports.restaurants.find).toHaveBeenCalled();
  expect(ports.orders.update).toHaveBeenCalled();
});
