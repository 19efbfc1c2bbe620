import { newId } from '../../src/ids';
import type { OutboxRow } from '../../src/messaging';
import { eachStore, testContext } from '../../src/testing';
import { bothAdapters } from '../unit-of-work/test-ports';

const row = (overrides: Partial<OutboxRow> = {}): OutboxRow => ({
  id: newId(),
  channel: 'testservice.Tally',
  partitionKey: 'key',
  headers: { 'ce-type': 'test.Added', 'ce-source': 'größe' },
  payload: '{"b":1,  "a":"größe \\u0000 \\"\\\\ 🍕"}',
  ...overrides,
});

eachStore(bothAdapters, (transactor) => {
  const add = (...rows: OutboxRow[]): Promise<void> =>
    transactor().transaction(({ work }) => work.stores.outbox.add(rows));
  const stored = (ids: readonly string[]): Promise<OutboxRow[]> =>
    transactor().execute(testContext(), async (ports) =>
      (await ports.outboxRows()).filter(({ id }) => ids.includes(id)),
    );

  it('keeps rows in their order, with the payload byte for byte', async () => {
    const rows = [row(), row({ channel: 'orderservice', partitionKey: 'other', payload: 'null' }), row()];
    await add(...rows);
    expect(await stored(rows.map(({ id }) => id))).toEqual(rows);
  });

  it('takes a message that goes out again as a row of its own', async () => {
    const again = row();
    await add(again);
    await add(again);
    expect(await stored([again.id])).toEqual([again, again]);
  });

  it('leaves nothing of a transaction that throws', async () => {
    const lost = row();
    const failing = transactor().transaction(async ({ work }) => {
      await work.stores.outbox.add([lost]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await stored([lost.id])).toEqual([]);
  });
});
