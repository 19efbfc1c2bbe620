import { eventually } from '@ftgo/shared-ts/testing';
import { processes } from '../../scripts/src/fleet/processes';
import { startTestFleet, type TestFleet } from './fleet';

/** How long the fleet may take to notice an outage and to get over it, in milliseconds; generous because machines are noisy. */
const PATIENCE = 120_000;

let ftgo: TestFleet;
beforeAll(async () => {
  ftgo = await startTestFleet();
}, 300_000);
afterAll(() => ftgo.stop());

/** What a process says that it lacks; nothing when it is ready. */
async function lacks(id: string): Promise<string[]> {
  const { body } = await ftgo.api.send(id, 'GET', '/ready');
  const { reasons = [] } = body as { reasons?: { check: string }[] };
  return reasons.map(({ check }) => check);
}

describe.each([
  { server: 'nats', missing: { service: 'broker', relay: 'broker' } },
  { server: 'postgres', missing: { service: 'database', relay: 'relay' } },
])('while $server is away', ({ server, missing }) => {
  beforeAll(() => ftgo.fleet.stopProcess(server), 60_000);

  it.each(processes.map(({ id, kind }) => ({ id, kind })))(
    '$id lives, is not ready and says what it lacks',
    async ({ id, kind }) => {
      await eventually(async () => expect(await lacks(id)).toContain(missing[kind]), PATIENCE);
      expect(await ftgo.api.send(id, 'GET', '/ready')).toMatchObject({ status: 503 });
      expect(await ftgo.api.send(id, 'GET', '/ping')).toMatchObject({ status: 200 });
    },
    PATIENCE + 10_000,
  );

  it('and back again, all are ready without having been started anew, and an order is approved', async () => {
    const pids = processes.map(({ id }) => ftgo.fleet.pid(id));
    await ftgo.fleet.startProcess(server);
    for (const { id } of processes)
      await eventually(async () => expect(await lacks(id)).toEqual([]), PATIENCE);
    await ftgo.api.approvedOrder();
    expect(processes.map(({ id }) => ftgo.fleet.pid(id))).toEqual(pids);
  }, 300_000);
});
