import type { OrderHistory } from '../../domain/order-history';
import type { Place, Search } from '../../domain/search';
import type { OrderHistoryPorts } from '../ports';

/** Some of the orders that are looked for. */
export interface OrderPage {
  readonly orders: readonly OrderHistory[];
  /** Behind which the next page begins; nothing when this is the last one. */
  readonly next?: Place;
}

/** Looks for orders, page by page: orders that come in meanwhile move no others from one page to another. */
export async function searchOrders(ports: OrderHistoryPorts, search: Search): Promise<OrderPage> {
  const found = await ports.histories.search({ ...search, limit: search.limit + 1 });
  const orders = found.slice(0, search.limit);
  return { orders, next: found.length > orders.length ? orders.at(-1) : undefined };
}
