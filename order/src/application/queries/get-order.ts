import { placed } from '../../domain/decisions';
import type { PlacedOrder } from '../../domain/order';
import type { OrderPorts } from '../ports';

/** @throws Rejection ORDER_NOT_FOUND */
export async function getOrder(ports: OrderPorts, orderId: string): Promise<PlacedOrder> {
  const { state } = await ports.orders.load(orderId);
  return placed(state, orderId);
}
