import type { http, values } from '@ftgo/serviceapis';
import { integers, texts, type PostgresSession } from '@ftgo/shared-ts/postgres';
import type { OrderHistories } from '../application';
import { keywordsOf, type OrderDetails, type OrderFacts, type OrderHistory } from '../domain/order-history';
import { searchStatement, SELECT_ORDERS } from './postgres-order-search';

interface Row {
  id: string;
  consumer_id: string;
  restaurant_id: string;
  restaurant_name: string;
  created_at: Date;
  status: http.OrderStatus;
  /** A bigint, which the driver gives as text. */
  total: string;
  line_items: values.LineItem[];
}

const NEWER_STATUS = `
           status = CASE WHEN known.status_version < excluded.status_version THEN excluded.status ELSE known.status END,
           status_version = greatest(known.status_version, excluded.status_version)`;
const NEWER_TOTAL = `
           total = CASE WHEN known.total_version < excluded.total_version THEN excluded.total ELSE known.total END,
           total_version = greatest(known.total_version, excluded.total_version)`;
const NEWER_QUANTITY = `
           quantity = CASE WHEN known.quantity_version < excluded.quantity_version
                           THEN excluded.quantity ELSE known.quantity END,
           quantity_version = greatest(known.quantity_version, excluded.quantity_version)`;

const created = {
  name: 'orders-created',
  text: `WITH order_row AS (
         INSERT INTO orders AS known
           (id, status, status_version, total, total_version, consumer_id, restaurant_id, restaurant_name, created_at, keywords)
         VALUES ($1, $2, $3, $4, $3, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET ${NEWER_STATUS}, ${NEWER_TOTAL},
           consumer_id = coalesce(known.consumer_id, excluded.consumer_id),
           restaurant_id = coalesce(known.restaurant_id, excluded.restaurant_id),
           restaurant_name = coalesce(known.restaurant_name, excluded.restaurant_name),
           created_at = coalesce(known.created_at, excluded.created_at),
           keywords = coalesce(known.keywords, excluded.keywords))
         INSERT INTO order_items AS known (order_id, quantity_version, position, menu_item_id, name, price, quantity)
         SELECT $1, $3, item.position, item.id, item.name, item.price, item.quantity
         FROM unnest($10::text[], $11::text[], $12::integer[], $13::integer[]) WITH ORDINALITY
           AS item (id, name, price, quantity, position)
         ON CONFLICT (order_id, menu_item_id) DO UPDATE SET ${NEWER_QUANTITY},
           position = coalesce(known.position, excluded.position),
           name = coalesce(known.name, excluded.name),
           price = coalesce(known.price, excluded.price)`,
};

const changed = {
  name: 'orders-changed',
  text: `INSERT INTO orders AS known (id, status, status_version) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET ${NEWER_STATUS}`,
};

const revised = {
  name: 'orders-revised',
  text: `WITH order_row AS (
         INSERT INTO orders AS known (id, status, status_version, total, total_version) VALUES ($1, $2, $3, $4, $3)
         ON CONFLICT (id) DO UPDATE SET ${NEWER_STATUS}, ${NEWER_TOTAL})
         INSERT INTO order_items AS known (order_id, quantity_version, menu_item_id, quantity)
         SELECT $1, $3, item.id, item.quantity FROM unnest($5::text[], $6::integer[]) AS item (id, quantity)
         ON CONFLICT (order_id, menu_item_id) DO UPDATE SET ${NEWER_QUANTITY}`,
};

const find = { name: 'orders-find', text: `${SELECT_ORDERS} WHERE id = $1 AND created_at IS NOT NULL` };

// Words differ too much in how many orders have them for one plan: a rare one asks for the index of the words, a frequent one is met
// soon on the way through the newest orders.
const planForTheseWords = {
  name: 'orders-plan-for-these-words',
  text: `SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`,
};

/** The projection in the tables `orders` and `order_items`. */
export const postgresOrderHistories = (session: PostgresSession): OrderHistories => ({
  merge: async (orderId, facts, version) => {
    const { details, revision } = facts;
    if (details !== undefined) await session.query(created, createdValues(orderId, facts, version, details));
    else if (revision === undefined) await session.query(changed, [orderId, facts.status, version]);
    else {
      const { newOrderTotal, revisedQuantities } = revision;
      const quantities = [texts(Object.keys(revisedQuantities)), integers(Object.values(revisedQuantities))];
      await session.query(revised, [orderId, facts.status, version, newOrderTotal, ...quantities]);
    }
  },
  find: async (orderId) => {
    const [row] = await session.query<Row>(find, [orderId]);
    return row && historyOf(row);
  },
  search: async (search) => {
    if (search.keywords.length > 0) await session.query(planForTheseWords, []);
    const { statement, values: parameters } = searchStatement(search);
    const rows = await session.query<Row>(statement, parameters);
    return rows.map(historyOf);
  },
});

const createdValues = (
  orderId: string,
  { status }: OrderFacts,
  version: number,
  details: OrderDetails,
): unknown[] => [
  orderId,
  status,
  version,
  details.orderTotal,
  details.consumerId,
  details.restaurantId,
  details.restaurantName,
  new Date(details.createdAt),
  texts(keywordsOf(details)),
  texts(details.lineItems.map((item) => item.menuItemId)),
  texts(details.lineItems.map((item) => item.name)),
  integers(details.lineItems.map((item) => item.price)),
  integers(details.lineItems.map((item) => item.quantity)),
];

const historyOf = (row: Row): OrderHistory => ({
  orderId: row.id,
  consumerId: row.consumer_id,
  restaurantId: row.restaurant_id,
  restaurantName: row.restaurant_name,
  status: row.status,
  orderTotal: Number(row.total),
  createdAt: row.created_at.toISOString(),
  lineItems: row.line_items,
});
