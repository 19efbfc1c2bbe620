import type { AggregateRepository, Sagas } from '@ftgo/shared-ts';
import type { OrderEvent, OrderState } from '../domain/order';
import type { Restaurant } from '../domain/restaurant';

/** The order service's copy of the restaurants; follows the restaurant service's events in whatever order they come. */
export interface RestaurantCopies {
  /** Gives a restaurant of which the creation is known. */
  find(id: string): Promise<Restaurant | undefined>;
  /** A restaurant was created; its menu counts unless a newer one is known. */
  created(restaurant: Restaurant, version: number): Promise<void>;
  /** A menu is another one now, unless a newer one is known. */
  menuRevised(id: string, menu: Restaurant['menu'], version: number): Promise<void>;
}

/** What the service has taken on and not ended. */
export interface SagasUnderWay {
  /**
   * Counts the sagas under way and the orders whose saga has not started.
   * @param limit so many sagas are counted at most; of so many orders, the newest, it is asked whether their saga has started: sagas start in the order of
   * their orders, or nearly so
   */
  count(limit: number): Promise<number>;
}

/** What people watch on a dashboard; counted when the transaction is committed. */
export interface OrderCounters {
  count(what: 'placed' | 'approved' | 'rejected' | 'cancelled' | 'revised'): void;
}

/** All that the order service's commands and queries need. */
export interface OrderPorts {
  readonly orders: AggregateRepository<OrderState, OrderEvent>;
  readonly restaurants: RestaurantCopies;
  readonly sagas: Sagas;
  readonly counters: OrderCounters;
  readonly sagasUnderWay: SagasUnderWay;
}
