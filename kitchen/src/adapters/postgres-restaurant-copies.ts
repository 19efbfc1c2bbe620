import { uuids, type PostgresSession } from '@ftgo/shared-ts/postgres';
import type { Scope } from '@ftgo/shared-ts';
import type { RestaurantCopies } from '../application';
import type { Restaurant } from '../domain/restaurant';

const find = {
  name: 'restaurants-find',
  text: 'SELECT id, menu FROM restaurants WHERE id = ANY($1::uuid[])',
};

// One statement, so that of two replicas that keep different versions at once the newer one wins.
const keep = {
  name: 'restaurants-keep',
  text: `INSERT INTO restaurants (id, menu, menu_version) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET menu = excluded.menu, menu_version = excluded.menu_version
         WHERE restaurants.menu_version < excluded.menu_version`,
};

/** Restaurant copies in the table `restaurants`. */
export const postgresRestaurantCopies = ({ work }: Scope, session: PostgresSession): RestaurantCopies => {
  const restaurants = work.loader('restaurant copies', async (ids) => {
    const rows = await session.query<{ id: string; menu: Restaurant['menu'] }>(find, [uuids(ids)]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((each) => byId.get(each));
  });
  return {
    find: (id) => restaurants.load(id),
    keep: async ({ id, menu }, version) => {
      await session.query(keep, [id, JSON.stringify(menu), version]);
      // What others in this unit of work have read is outdated.
      restaurants.clear(id);
    },
  };
};
