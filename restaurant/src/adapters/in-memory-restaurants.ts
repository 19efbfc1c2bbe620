import type { InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { Restaurants } from '../application';
import type { Restaurant } from '../domain/restaurant';

interface Row {
  readonly restaurant: Restaurant;
  readonly version: number;
}

const TABLE = 'restaurants';

/** Restaurants without a database server. */
export const inMemoryRestaurants = (session: InMemorySession): Restaurants => ({
  find: async (id) => session.get<Row>(TABLE, id)?.restaurant,
  add: async (restaurant) => {
    if (session.get(TABLE, restaurant.id) !== undefined)
      throw new Error(`restaurant ${restaurant.id} is there already`);
    session.put(TABLE, restaurant.id, { restaurant, version: 1 });
    return 1;
  },
  replaceMenu: async (id, menu) => {
    const row = session.get<Row>(TABLE, id);
    if (row === undefined) return undefined;
    const version = row.version + 1;
    session.put(TABLE, id, { restaurant: { ...row.restaurant, menu }, version });
    return version;
  },
});
