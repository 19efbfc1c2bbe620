import { join } from 'node:path';
import { newId } from '@ftgo/shared-ts';
import { postgresTransactor } from '@ftgo/shared-ts/postgres';
import { freshDatabase, testContext, type TestDatabase } from '@ftgo/shared-ts/testing';
import { postgresPorts } from '../../src/adapters/ports';
import { createRestaurant, getRestaurant, reviseMenu } from '../../src/application';
import { address, cake, soup } from '../restaurants';

describe('A menu in the table menu_items', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase({
      shared: ['outbox', 'inbox', 'idempotency'],
      folder: join(__dirname, '../../migrations'),
    });
  });
  afterAll(() => database.drop());

  it('is read by its positions, wherever its rows stand in the table', async () => {
    const transactor = postgresTransactor(database.pool, 'restaurant-service', postgresPorts);
    const id = newId();
    const restaurant = { id, name: 'Ajanta', address, menu: [soup, cake] };
    await transactor.execute(testContext(), (ports) => createRestaurant(ports, restaurant));
    await database.pool.query('UPDATE menu_items SET position = 10 - position WHERE restaurant_id = $1', [
      id,
    ]);
    const { menu } = await transactor.execute(testContext(), (ports) => getRestaurant(ports, id));
    expect(menu).toEqual([cake, soup]);
  });

  it('is that of the last version when two revisions come together, of which that one takes all away', async () => {
    const transactor = postgresTransactor(database.pool, 'restaurant-service', postgresPorts);
    const id = newId();
    const restaurant = { id, name: 'Ajanta', address, menu: [cake] };
    await transactor.execute(testContext(), (ports) => createRestaurant(ports, restaurant));
    await transactor.transaction(({ work, ports }) =>
      Promise.all(
        [[soup], []].map((menu) => reviseMenu(ports(work.scope(testContext())), { restaurantId: id, menu })),
      ),
    );
    const { menu } = await transactor.execute(testContext(), (ports) => getRestaurant(ports, id));
    expect(menu).toEqual([]);
  });
});
