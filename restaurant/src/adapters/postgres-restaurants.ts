import { column, columns, type PostgresSession } from '@ftgo/shared-ts/postgres';
import type { Restaurants } from '../application';
import type { Menu, Restaurant } from '../domain/restaurant';

// One statement, so that the menu is never that of another moment than the rest.
const find = {
  name: 'restaurants-find',
  text: `SELECT id, name, address,
           coalesce((SELECT json_agg(json_build_object('id', item_id, 'name', name, 'price', price) ORDER BY position)
                     FROM menu_items WHERE restaurant_id = restaurants.id), '[]') AS menu
         FROM restaurants WHERE id = $1`,
};

const add = {
  name: 'restaurants-add',
  text: 'INSERT INTO restaurants (id, name, address, version) VALUES ($1, $2, $3, 1) RETURNING version',
};

// Locks the row until the transaction ends: revisions of one restaurant are committed in the order of their versions.
const raiseVersion = {
  name: 'restaurants-raise-version',
  text: 'UPDATE restaurants SET version = version + 1 WHERE id = $1 RETURNING version',
};

const clearMenu = { name: 'menu-items-clear', text: 'DELETE FROM menu_items WHERE restaurant_id = $1' };

const addMenu = {
  name: 'menu-items-add',
  text: `INSERT INTO menu_items (restaurant_id, item_id, name, price, position)
         SELECT $1::uuid, item.* FROM unnest($2::text[], $3::text[], $4::int[]) WITH ORDINALITY AS item`,
};

const itemColumns = columns<Menu[number]>(
  column.text((item) => item.id),
  column.text((item) => item.name),
  column.integer((item) => item.price),
);

/** Restaurants in the tables `restaurants` and `menu_items`. */
export const postgresRestaurants = (session: PostgresSession): Restaurants => {
  const versionOf = ([row]: readonly { version: number }[]): number | undefined => row?.version;
  const insertMenu = async (id: string, menu: Menu): Promise<void> => {
    if (menu.length === 0) return;
    await session.query(addMenu, [id, ...itemColumns(menu)]);
  };
  return {
    find: async (id) => {
      const [row] = await session.query<Restaurant>(find, [id]);
      return row;
    },
    add: async ({ id, name, address, menu }) => {
      const version = versionOf(await session.query(add, [id, name, JSON.stringify(address)]));
      if (version === undefined) throw new Error(`restaurant ${id} was not added`);
      await insertMenu(id, menu);
      return version;
    },
    replaceMenu: async (id, menu) => {
      const version = versionOf(await session.query(raiseVersion, [id]));
      if (version === undefined) return undefined;
      // In one turn, so that nothing gets between the two: requests of one group share the session.
      await Promise.all([session.query(clearMenu, [id]), insertMenu(id, menu)]);
      return version;
    },
  };
};
