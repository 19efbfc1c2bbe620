import { eventually } from '@ftgo/shared-ts/testing';
import { processes } from '../../scripts/src/fleet/processes';
import { startTestFleet, type TestFleet } from './fleet';

let ftgo: TestFleet;
beforeAll(async () => {
  ftgo = await startTestFleet();
}, 300_000);
afterAll(() => ftgo.stop());

/** The sum of a metric over its labels, as far as they contain `labels`; nothing when the process does not have it. */
async function metric(process: string, name: string, labels = ''): Promise<number | undefined> {
  const { body } = await ftgo.api.send(process, 'GET', '/metrics');
  const lines = String(body)
    .split('\n')
    .filter((line) => /^[a-z_]+/.exec(line)?.[0] === name && line.includes(labels));
  if (lines.length === 0) return undefined;
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe.each(processes.map(({ id, kind }) => ({ id, kind })))('$id', ({ id, kind }) => {
  it('lives, is ready and says so', async () => {
    expect(await ftgo.api.send(id, 'GET', '/ping')).toMatchObject({ status: 200 });
    expect(await ftgo.api.send(id, 'GET', '/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready' },
    });
  });

  it('has figures of its own and of its Node.js process', async () => {
    const own = kind === 'relay' ? 'ftgo_relay_streaming' : 'http_request_duration_seconds_count';
    await ftgo.api.send(id, 'GET', '/ping');
    expect(await metric(id, own, `service="${id}"`)).toBeGreaterThan(0);
    expect(await metric(id, 'process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('serves nothing else, and nothing by another method', async () => {
    expect(await ftgo.api.send(id, 'GET', '/nothing')).toMatchObject({ status: 404 });
    expect(await ftgo.api.send(id, 'POST', '/ping')).toMatchObject({ status: 405 });
  });
});

describe('what happens to orders', () => {
  it('is counted by the order service', async () => {
    const cancelled = await ftgo.api.approvedOrder();
    await ftgo.api.cancel(cancelled.orderId);
    await ftgo.api.untilOrderIs(cancelled.orderId, 'Cancelled');
    const revised = await ftgo.api.approvedOrder();
    await ftgo.api.revise(revised.orderId, { curry: 1 });
    await ftgo.api.untilOrderIs(revised.orderId, 'Approved');
    await ftgo.api.setAccount(revised.consumerId, 'disable');
    const rejected = await ftgo.api.placeOrder(revised);
    await ftgo.api.untilOrderIs(rejected.orderId, 'Rejected');
    const count = async (name: string) => [name, await metric('order-service', name)];
    // An order shows its state at its commit, which is what is counted just after.
    await eventually(async () => {
      const names = [
        'placed_orders',
        'approved_orders',
        'rejected_orders',
        'cancelled_orders',
        'revised_orders',
      ];
      expect(Object.fromEntries(await Promise.all(names.map(count)))).toEqual({
        placed_orders: 3,
        approved_orders: 2,
        rejected_orders: 1,
        cancelled_orders: 1,
        revised_orders: 1,
      });
    });
    // A saga ends a reply later than its order shows what became of it.
    await eventually(async () => {
      expect(await metric('order-service', 'ftgo_sagas_total', 'state="COMPLETED"')).toBe(4);
      expect(await metric('order-service', 'ftgo_sagas_total', 'state="COMPENSATED"')).toBe(1);
    });
  });

  it('passes through every relay and is handled by its receivers', async () => {
    await ftgo.api.approvedOrder();
    for (const { id } of processes.filter(({ kind }) => kind === 'relay'))
      await eventually(async () => expect(await metric(id, 'ftgo_relay_published_total')).toBeGreaterThan(0));
    for (const id of ['accounting-service', 'consumer-service', 'delivery-service', 'kitchen-service'])
      expect(await metric(id, 'message_handling_duration_seconds_count')).toBeGreaterThan(0);
  });
});
