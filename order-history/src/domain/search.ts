import type { http } from '@ftgo/serviceapis';
import { keywordsOf, type OrderHistory } from './order-history';

/** Where an order stands among all: the newest come first, and of two from the same moment the one with the greater id. */
export type Place = Pick<OrderHistory, 'createdAt' | 'orderId'>;

/** What is looked for; a condition that is left out holds for every order. */
export interface Search {
  readonly consumerId?: string;
  readonly status?: http.OrderStatus;
  /** Words as `wordsOf` gives them; the order has all of them. */
  readonly keywords: readonly string[];
  /** Created then or later: RFC 3339, UTC. */
  readonly since?: string;
  /** Behind this place. */
  readonly after?: Place;
  /** How many at most. */
  readonly limit: number;
}

/** Compares places: negative when `a` comes first. */
export const comparePlaces = (a: Place, b: Place): number =>
  Date.parse(b.createdAt) - Date.parse(a.createdAt) ||
  (a.orderId < b.orderId ? 1 : a.orderId > b.orderId ? -1 : 0);

/** Whether an order is one that is looked for. */
export function matches(
  order: OrderHistory,
  { consumerId, status, keywords, since, after }: Search,
): boolean {
  const words = new Set(keywordsOf(order));
  return (
    (consumerId === undefined || order.consumerId === consumerId) &&
    (status === undefined || order.status === status) &&
    (since === undefined || Date.parse(order.createdAt) >= Date.parse(since)) &&
    (after === undefined || comparePlaces(after, order) < 0) &&
    keywords.every((word) => words.has(word))
  );
}
