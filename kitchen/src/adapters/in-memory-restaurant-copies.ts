import type { InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { RestaurantCopies } from '../application';
import type { Restaurant } from '../domain/restaurant';

interface Row {
  readonly restaurant: Restaurant;
  readonly version: number;
}

const TABLE = 'restaurants';

/** Restaurant copies without a database server. */
export const inMemoryRestaurantCopies = (session: InMemorySession): RestaurantCopies => ({
  find: async (id) => session.get<Row>(TABLE, id)?.restaurant,
  keep: async (restaurant, version) => {
    const row = session.get<Row>(TABLE, restaurant.id);
    if (row === undefined || row.version < version)
      session.put(TABLE, restaurant.id, { restaurant, version });
  },
});
