import { newId } from '../../src/ids';
import { StatementBatch } from '../../src/postgres/statement-batch';
import { JarBought, jamServices, last } from './jam';

const jam = jamServices();

/** How many packets of statements go to PostgreSQL during some work. */
async function packetsOf(work: () => Promise<unknown>): Promise<number> {
  const submitted = jest.spyOn(StatementBatch.prototype, 'submit');
  try {
    await work();
    return submitted.mock.calls.length;
  } finally {
    submitted.mockRestore();
  }
}

it('a saga is started by an event in one packet, from BEGIN to COMMIT', async () => {
  const start = () => jam.kitchen.messages.event(JarBought, { id: newId(), version: 1 }, { sagaId: newId() });
  expect(await packetsOf(start)).toBe(1);
  expect(await jam.kitchen.commands()).toHaveLength(1);
});

it('a saga is taken on by a reply in one packet', async () => {
  await jam.kitchen.start();
  await jam.pantry.arrives(last(await jam.kitchen.commands()));
  const reply = last(await jam.pantry.rows());
  expect(await packetsOf(() => jam.kitchen.arrives(reply))).toBe(1);
  expect(await jam.kitchen.commands()).toHaveLength(2);
});

it('a reply that was handled before is found out by the same packet, and asked about in two more', async () => {
  await jam.kitchen.start();
  await jam.pantry.arrives(last(await jam.kitchen.commands()));
  const reply = last(await jam.pantry.rows());
  await jam.kitchen.arrives(reply);
  expect(await packetsOf(() => jam.kitchen.arrives(reply))).toBe(3);
  expect(await jam.kitchen.commands()).toHaveLength(2);
});
