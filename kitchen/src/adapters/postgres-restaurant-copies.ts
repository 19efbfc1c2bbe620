import { uuids, type PostgresSession } from '@ftgo/shared-ts/postgres';
import type { Scope } from '@ftgo/shared-ts';
import type { RestaurantCopies } from '../application';
import type { Restaurant } from '../domain/restaurant';

type Row = { id: string; menu: Restaurant['menu'] };

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
export class PostgresRestaurantCopies implements RestaurantCopies {
  constructor(
    private readonly scope: Scope,
    private readonly session: PostgresSession,
  ) {}

  find(id: string): Promise<Restaurant | undefined> {
    return this.copies().load(id);
  }

  async keep({ id, menu }: Restaurant, version: number): Promise<void> {
    await this.session.query(keep, [id, JSON.stringify(menu), version]);
    // What others in this unit of work have read is outdated.
    this.copies().clear(id);
  }

  private copies() {
    return this.scope.work.loader('restaurant copies', (ids) => this.read(ids));
  }

  private async read(ids: readonly string[]): Promise<(Restaurant | undefined)[]> {
    const byId = new Map<string, Restaurant>();
    for (const row of await this.session.query<Row>(find, [uuids(ids)])) byId.set(row.id, row);
    return ids.map((id) => byId.get(id));
  }
}
