import type { OrderFacts, OrderHistory } from '../domain/order-history';
import type { Search } from '../domain/search';

/** The projection of the orders' events. */
export interface OrderHistories {
  /** Adds what an event tells, as the domain's `merge` does. */
  merge(orderId: string, facts: OrderFacts, version: number): Promise<void>;
  /** Gives an order of which the creation has arrived. */
  find(orderId: string): Promise<OrderHistory | undefined>;
  /** The orders that are looked for, newest first. */
  search(search: Search): Promise<readonly OrderHistory[]>;
}

/** All that the order history's commands and queries need. */
export interface OrderHistoryPorts {
  readonly histories: OrderHistories;
}
