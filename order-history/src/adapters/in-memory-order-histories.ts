import type { InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { OrderHistories } from '../application';
import { historyOf, merge, unknownOrder, type OrderRecord } from '../domain/order-history';
import { comparePlaces, matches } from '../domain/search';

const TABLE = 'orders';

/** The projection without a database server. */
export const inMemoryOrderHistories = (session: InMemorySession): OrderHistories => ({
  merge: async (orderId, facts, version) => {
    const record = session.get<OrderRecord>(TABLE, orderId) ?? unknownOrder(orderId);
    session.put(TABLE, orderId, merge(record, facts, version));
  },
  find: async (orderId) => {
    const record = session.get<OrderRecord>(TABLE, orderId);
    return record && historyOf(record);
  },
  search: async (search) =>
    session
      .all<OrderRecord>(TABLE)
      .flatMap((record) => historyOf(record) ?? [])
      .filter((order) => matches(order, search))
      .sort(comparePlaces)
      .slice(0, search.limit),
});
