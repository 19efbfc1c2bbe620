import { notFound } from '@ftgo/shared-ts/domain';
import { placeOrder, type OrderRequest } from '../../domain/place-order';
import type { Restaurant } from '../../domain/restaurant';
import type { OrderPorts } from '../ports';

export interface CreateOrder extends OrderRequest {
  readonly orderId: string;
  readonly restaurantId: string;
}

/**
 * Places an order; the CreateOrderSaga starts when its OrderCreated comes back from the broker.
 * @throws Rejection RESTAURANT_NOT_FOUND and those of `placeOrder`
 */
export async function createOrder(ports: OrderPorts, command: CreateOrder): Promise<{ id: string }> {
  const restaurant = restaurantOf(ports, command.restaurantId);
  await ports.orders.update(command.orderId, placeOrder, command, restaurant);
  ports.counters.count('placed');
  return { id: command.orderId };
}

async function restaurantOf({ restaurants }: OrderPorts, restaurantId: string): Promise<Restaurant> {
  const restaurant = await restaurants.find(restaurantId);
  if (restaurant === undefined) throw notFound('restaurant', restaurantId);
  return restaurant;
}
