import { notFound } from '@ftgo/shared-ts/domain';
import type { OrderHistory } from '../../domain/order-history';
import type { OrderHistoryPorts } from '../ports';

/** @throws Rejection ORDER_NOT_FOUND when the order's creation has not arrived here (yet) */
export async function getOrderHistory(ports: OrderHistoryPorts, orderId: string): Promise<OrderHistory> {
  const history = await ports.histories.find(orderId);
  if (history === undefined) throw notFound('order', orderId);
  return history;
}
