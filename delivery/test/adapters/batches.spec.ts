import { join } from 'node:path';
import { PostgresSession, postgresTransactor } from '@ftgo/shared-ts/postgres';
import { freshDatabase, type Settlement, type TestDatabase } from '@ftgo/shared-ts/testing';
import { postgresPorts } from '../../src/adapters/ports';
import { newStory, startDeliveries, type Deliveries, type Story } from '../deliveries';

describe('the statements for a batch of messages', () => {
  let database: TestDatabase;
  let deliveries: Deliveries;

  beforeAll(async () => {
    database = await freshDatabase({ shared: ['inbox'], folder: join(__dirname, '../../migrations') });
    deliveries = await startDeliveries(postgresTransactor(database.pool, 'delivery-service', postgresPorts));
  });
  afterAll(async () => {
    await deliveries.messages.stop();
    await database.drop();
  });
  afterEach(() => jest.restoreAllMocks());

  async function statementsFor(messages: (story: Story) => Promise<Settlement>[]): Promise<string[]> {
    const stories = Array.from({ length: 50 }, () => newStory());
    const sent = jest.spyOn(PostgresSession.prototype, 'query');
    const settled = await Promise.all(stories.flatMap(messages));
    expect(new Set(settled)).toEqual(new Set(['acknowledged']));
    return sent.mock.calls.map(([{ name }]) => name);
  }

  it('are two where orders were created and approved, however many', async () => {
    const statements = await statementsFor((story) => [
      deliveries.orderCreated(story),
      deliveries.orderApproved(story),
    ]);
    expect(statements).toEqual(['inbox-enter-new', 'deliveries-merge']);
  });

  it('are three where tickets were cancelled', async () => {
    const statements = await statementsFor((story) => [deliveries.ticketCancelled(story)]);
    expect(statements).toEqual(['inbox-enter-new', 'deliveries-merge', 'deliveries-drop-actions']);
  });

  it('are one more where a batch has an order and its cancellation', async () => {
    const statements = await statementsFor((story) => [
      deliveries.orderCreated(story),
      deliveries.ticketCancelled(story),
    ]);
    expect(statements).toEqual([
      'inbox-enter-new',
      'deliveries-merge',
      'deliveries-merge',
      'deliveries-drop-actions',
    ]);
  });
});
