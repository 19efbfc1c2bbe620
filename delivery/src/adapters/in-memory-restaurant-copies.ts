import type { InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { RestaurantCopies } from '../application';

const TABLE = 'restaurants';

/** Restaurant copies without a database server. Transactions run one after the other there, so nobody has to wait. */
export const inMemoryRestaurantCopies = (session: InMemorySession): RestaurantCopies => ({
  find: async (id) => session.get(TABLE, id),
  created: async (restaurant) => session.put(TABLE, restaurant.id, restaurant),
});
