import type { Scope } from '@ftgo/shared-ts';
import { uuids, type PostgresSession } from '@ftgo/shared-ts/postgres';
import type { RestaurantCopies } from '../application';
import type { Restaurant } from '../domain/restaurant';

type Row = { [Column in keyof Restaurant]: Restaurant[Column] };

const find = {
  name: 'restaurants-find',
  text: 'SELECT id, name, address FROM restaurants WHERE id = ANY($1::uuid[]) AND name IS NOT NULL',
};

// The row is locked and gives what is committed by now. Without it, a creation that commits at the same time would not see the delivery that
// waits, and the delivery not the restaurant.
const waitFor = {
  name: 'restaurants-wait-for',
  text: `INSERT INTO restaurants (id) VALUES ($1)
         ON CONFLICT (id) DO UPDATE SET name = restaurants.name
         RETURNING id, name, address`,
};

const created = {
  name: 'restaurants-created',
  text: `INSERT INTO restaurants (id, name, address) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address`,
};

/** Restaurant copies in the table `restaurants`. */
export const postgresRestaurantCopies = ({ work }: Scope, session: PostgresSession): RestaurantCopies => {
  const known = work.loader('restaurant copies', async (ids) => {
    const rows = await session.query<Row>(find, [uuids(ids)]);
    const byId = new Map<string, Restaurant>(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id));
  });
  return {
    find: async (id) => {
      const restaurant = await known.load(id);
      if (restaurant !== undefined) return restaurant;
      const [row] = await session.query<Omit<Row, 'name'> & { name: string | null }>(waitFor, [id]);
      return row === undefined || row.name === null ? undefined : { ...row, name: row.name };
    },
    created: async ({ id, name, address }) => {
      await session.query(created, [id, name, JSON.stringify(address)]);
      known.clear(id);
    },
  };
};
