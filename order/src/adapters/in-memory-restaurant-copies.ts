import type { InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { RestaurantCopies } from '../application';
import type { Restaurant } from '../domain/restaurant';

interface Row {
  readonly name?: string;
  readonly menu: Restaurant['menu'];
  readonly menuVersion: number;
}

const TABLE = 'restaurants';

/** Restaurant copies without a database server. */
export const inMemoryRestaurantCopies = (session: InMemorySession): RestaurantCopies => ({
  find: async (id) => {
    const row = session.get<Row>(TABLE, id);
    return row?.name === undefined ? undefined : { id, name: row.name, menu: row.menu };
  },
  created: async ({ id, name, menu }, version) => {
    const row = session.get<Row>(TABLE, id);
    const newest = row !== undefined && row.menuVersion > version ? row : { menu, menuVersion: version };
    session.put(TABLE, id, { ...newest, name });
  },
  menuRevised: async (id, menu, version) => {
    const row = session.get<Row>(TABLE, id);
    if (row === undefined || row.menuVersion < version)
      session.put(TABLE, id, { ...row, menu, menuVersion: version });
  },
});
