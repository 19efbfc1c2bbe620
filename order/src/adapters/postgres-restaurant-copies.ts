import { uuids, type PostgresSession, type Statement } from '@ftgo/shared-ts/postgres';
import type { Scope } from '@ftgo/shared-ts';
import type { RestaurantCopies } from '../application';
import type { Restaurant } from '../domain/restaurant';

const find = {
  name: 'restaurants-find',
  text: 'SELECT id, name, menu FROM restaurants WHERE id = ANY($1::uuid[]) AND name IS NOT NULL',
};

const created = {
  name: 'restaurants-created',
  text: `INSERT INTO restaurants (id, name, menu, menu_version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name,
           menu = CASE WHEN restaurants.menu_version < excluded.menu_version THEN excluded.menu ELSE restaurants.menu END,
           menu_version = greatest(restaurants.menu_version, excluded.menu_version)`,
};

const menuRevised = {
  name: 'restaurants-menu-revised',
  text: `INSERT INTO restaurants (id, menu, menu_version) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET menu = excluded.menu, menu_version = excluded.menu_version
         WHERE restaurants.menu_version < excluded.menu_version`,
};

/** Restaurant copies in the table `restaurants`. */
export function postgresRestaurantCopies({ work }: Scope, session: PostgresSession): RestaurantCopies {
  const copies = work.loader<Restaurant | undefined>('restaurant copies', async (ids) => {
    const rows = await session.query<{ id: string; name: string; menu: Restaurant['menu'] }>(find, [
      uuids(ids),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id));
  });
  // What was read before is not true any more once something was written.
  const write = async (id: string, statement: Statement, values: readonly unknown[]): Promise<void> => {
    await session.query(statement, values);
    copies.clear(id);
  };
  return {
    find: (id) => copies.load(id),
    created: ({ id, name, menu }, version) => write(id, created, [id, name, JSON.stringify(menu), version]),
    menuRevised: (id, menu, version) => write(id, menuRevised, [id, JSON.stringify(menu), version]),
  };
}
