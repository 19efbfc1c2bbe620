import type { http, values } from '@ftgo/serviceapis';
import type { Scope } from '@ftgo/shared-ts';
import type { PostgresSession } from '@ftgo/shared-ts/postgres';
import type { OrderHistories } from '../application';
import type { OrderHistory } from '../domain/order-history';
import { mergeStatement, type Told } from './postgres-order-merges';
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

const find = { name: 'orders-find', text: `${SELECT_ORDERS} WHERE id = $1 AND created_at IS NOT NULL` };

// Words differ too much in how many orders have them for one plan: a rare one asks for the index of the words, a frequent one is met
// soon on the way through the newest orders.
const planForTheseWords = {
  name: 'orders-plan-for-these-words',
  text: `SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`,
};

/** The projection in the tables `orders` and `order_items`. */
export function postgresOrderHistories({ work }: Scope, session: PostgresSession): OrderHistories {
  const merges = work.stagedWrites<Told>('order merges', async (told) => {
    const { statement, values: columns } = mergeStatement(told);
    await session.query(statement, columns);
  });
  return {
    merge: async (orderId, facts, version) => merges.add({ orderId, facts, version }),
    find: async (orderId) => {
      await merges.flush();
      const [row] = await session.query<Row>(find, [orderId]);
      return row && historyOf(row);
    },
    search: async (search) => {
      await merges.flush();
      if (search.keywords.length > 0) await session.query(planForTheseWords, []);
      const { statement, values: parameters } = searchStatement(search);
      const rows = await session.query<Row>(statement, parameters);
      return rows.map(historyOf);
    },
  };
}

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
