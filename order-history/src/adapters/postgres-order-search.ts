import { texts, type Statement } from '@ftgo/shared-ts/postgres';
import type { Search } from '../domain/search';

/** An order with its line items, read by one statement so that they are of one moment. */
export const SELECT_ORDERS = `
  SELECT id, consumer_id, restaurant_id, restaurant_name, created_at, status, total,
         (SELECT json_agg(json_build_object('menuItemId', menu_item_id, 'name', name, 'price', price, 'quantity', quantity)
                          ORDER BY position)
          FROM order_items WHERE order_id = orders.id AND name IS NOT NULL) AS line_items
  FROM orders`;

/**
 * The statement for a search. Only the conditions that are asked for are in it, so that there is one plan for each combination, made for
 * the indexes that help it, and not one for all.
 */
export function searchStatement(search: Search): { statement: Statement; values: unknown[] } {
  const { consumerId, status, keywords, since, after, limit } = search;
  const names: string[] = [];
  const conditions = ['created_at IS NOT NULL'];
  const values: unknown[] = [];
  const add = (
    name: string,
    condition: (...parameters: string[]) => string,
    ...parameters: unknown[]
  ): void => {
    const first = values.push(...parameters) - parameters.length + 1;
    names.push(name);
    conditions.push(condition(...parameters.map((_, index) => `$${first + index}`)));
  };
  if (consumerId !== undefined) add('consumer', (id) => `consumer_id = ${id}`, consumerId);
  if (status !== undefined) add('status', (value) => `status = ${value}`, status);
  if (keywords.length > 0) add('keywords', (words) => `keywords @> ${words}::text[]`, texts(keywords));
  if (since !== undefined) add('since', (time) => `created_at >= ${time}`, new Date(since));
  if (after !== undefined) {
    const place = [new Date(after.createdAt), after.orderId];
    add('after', (time, id) => `(created_at, id) < (${time}::timestamptz, ${id}::uuid)`, ...place);
  }
  values.push(limit);
  const text = `${SELECT_ORDERS} WHERE ${conditions.join(' AND ')}
    ORDER BY created_at DESC, id DESC LIMIT $${values.length}`;
  return { statement: { name: ['orders-search', ...names].join('-'), text }, values };
}
