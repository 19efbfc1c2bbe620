import { uuids, type PostgresSession, type Statement } from '@ftgo/shared-ts/postgres';
import type { Scope } from '@ftgo/shared-ts';
import type { RestaurantCopies } from '../application';
import type { Restaurant } from '../domain/restaurant';

type Row = { id: string; name: string; menu: Restaurant['menu'] };

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
export class PostgresRestaurantCopies implements RestaurantCopies {
  constructor(
    private readonly scope: Scope,
    private readonly session: PostgresSession,
  ) {}

  find(id: string): Promise<Restaurant | undefined> {
    return this.copies().load(id);
  }

  created({ id, name, menu }: Restaurant, version: number): Promise<void> {
    return this.write(id, created, [id, name, JSON.stringify(menu), version]);
  }

  menuRevised(id: string, menu: Restaurant['menu'], version: number): Promise<void> {
    return this.write(id, menuRevised, [id, JSON.stringify(menu), version]);
  }

  private copies() {
    return this.scope.work.loader('restaurant copies', (ids) => this.read(ids));
  }

  private async read(ids: readonly string[]): Promise<(Restaurant | undefined)[]> {
    const byId = new Map<string, Restaurant>();
    for (const row of await this.session.query<Row>(find, [uuids(ids)])) byId.set(row.id, row);
    return ids.map((id) => byId.get(id));
  }

  private async write(id: string, statement: Statement, values: readonly unknown[]): Promise<void> {
    await this.session.query(statement, values);
    // What was read before is not true any more.
    this.copies().clear(id);
  }
}
