import { join } from 'node:path';
import { newId, toOutboxRow } from '@ftgo/shared-ts';
import { postgresTransactor } from '@ftgo/shared-ts/postgres';
import { freshDatabase, testContext, type TestDatabase } from '@ftgo/shared-ts/testing';
import { postgresPorts } from '../../src/adapters/ports';
import { createRestaurant, reviseMenu } from '../../src/application';
import { address, cake, soup } from '../restaurants';

describe('The restaurants’ events in the outbox table', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase({
      shared: ['outbox', 'inbox', 'idempotency'],
      folder: join(__dirname, '../../migrations'),
    });
  });
  afterAll(() => database.drop());

  const rowsOf = async (id: string) => {
    const { rows } = await database.pool.query<{
      id: string;
      channel: string;
      partition_key: string;
      headers: Record<string, string>;
      payload: unknown;
    }>(
      `SELECT id, channel, partition_key, headers, payload FROM outbox
       WHERE partition_key = $1 ORDER BY position`,
      [id],
    );
    return rows;
  };

  it('are written one after the other by their versions, also when the menus are revised at once', async () => {
    const transactor = postgresTransactor(database.pool, 'restaurant-service', postgresPorts);
    const id = newId();
    const restaurant = { id, name: 'Ajanta', address, menu: [soup] };
    await transactor.execute(testContext(), (ports) => createRestaurant(ports, restaurant));
    await Promise.all(
      Array.from({ length: 5 }, () =>
        transactor.execute(testContext(), (ports) => reviseMenu(ports, { restaurantId: id, menu: [cake] })),
      ),
    );
    const sequences = (await rowsOf(id)).map(({ headers }) => headers['ce-sequence']);
    expect(sequences).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('carry the envelope of an aggregate’s event', async () => {
    const transactor = postgresTransactor(database.pool, 'restaurant-service', postgresPorts);
    const id = newId();
    const context = testContext();
    const restaurant = { id, name: 'Ajanta', address, menu: [soup, cake] };
    await transactor.execute(context, (ports) => createRestaurant(ports, restaurant));
    const [row] = await rowsOf(id);
    const payload = { name: 'Ajanta', address, menu: [soup, cake] };
    const expected = toOutboxRow(
      'restaurant-service',
      {
        id: row?.id ?? '',
        channel: 'restaurantservice.Restaurant',
        name: 'restaurantapi.RestaurantCreated',
        kind: 'event',
        partitionKey: id,
        attributes: { subject: id, sequence: '1' },
        payload,
      },
      context,
      new Date(row?.headers['ce-time'] ?? ''),
    );
    expect(row).toMatchObject({ channel: expected.channel, partition_key: id, payload });
    expect(row?.headers).toEqual(expected.headers);
  });
});
