import { setTimeout as sleep } from 'node:timers/promises';
import { databases } from '../infrastructure/databases';
import { descendantsOf } from './process-tree';
import type { Random } from './random';
import type { Scene } from './scene';
import { query, sendTo, signal } from './scene';

/** One way to harm the fleet. */
export interface FaultKind {
  readonly name: string;
  readonly weight: number;
  /** What it may be done to: processes by name, or databases. */
  targets(scene: Scene): readonly string[];
  /**
   * Does it and resolves when it is over; the fleet may take longer to recover.
   * @returns what exactly was done, for the log; undefined when there was nothing to do it to
   */
  strike(scene: Scene, target: string, random: Random): Promise<string | undefined>;
}

const members = ({ fleet }: Scene): string[] => fleet.members.map(({ name }) => name);
const services = ({ fleet }: Scene): string[] =>
  fleet.members.filter(({ definition }) => definition.kind === 'service').map(({ name }) => name);
const everything = (scene: Scene): string[] => [...members(scene), 'postgres', 'nats'];
const allDatabases = (): string[] => databases.map(({ database }) => database);
const BROKER = 'connections to nats';

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

async function pause({ fleet }: Scene, target: string, milliseconds: number): Promise<string | undefined> {
  const pid = fleet.pid(target);
  if (pid === undefined || !sendTo(pid, 'SIGSTOP')) return undefined;
  const stopped = [pid];
  try {
    // After that it starts no others: these are all of PostgreSQL's.
    for (const child of descendantsOf(pid)) if (sendTo(child, 'SIGSTOP')) stopped.push(child);
    await sleep(milliseconds);
  } finally {
    // The same, whatever has become of the first of them: stopped, they would keep a new PostgreSQL from its memory for ever.
    for (const each of stopped) sendTo(each, 'SIGCONT');
  }
  return seconds(milliseconds);
}

/** The kinds that need no signals other than an end. */
const portable: readonly FaultKind[] = [
  {
    name: 'kill -9',
    weight: 10,
    targets: everything,
    strike: async ({ fleet }, target) => (signal(fleet, target, 'SIGKILL') ? '' : undefined),
  },
  {
    name: 'kill -9 of several',
    weight: 2,
    targets: everything,
    strike: async (scene, target, random) => {
      const others = random.some(
        everything(scene).filter((name) => name !== target),
        random.integer(1, 3),
      );
      const hit = [target, ...others].filter((name) => signal(scene.fleet, name, 'SIGKILL'));
      return hit.length === 0 ? undefined : hit.join(', ');
    },
  },
  {
    name: 'restart',
    weight: 4,
    targets: everything,
    strike: async ({ fleet }, target) => {
      await fleet.stopProcess(target);
      await startAgain(fleet, target);
      return '';
    },
  },
  {
    name: 'cut connections to a database',
    weight: 3,
    targets: allDatabases,
    strike: async ({ fleet }, database) => terminated(await cutDatabase(fleet, database, 1_000)),
  },
  {
    name: 'cut one connection to a database',
    weight: 3,
    targets: allDatabases,
    strike: async ({ fleet }, database) => terminated(await cutDatabase(fleet, database, 1)),
  },
  {
    name: 'cut connections to the broker',
    weight: 3,
    targets: () => [BROKER],
    strike: async ({ broker }, _target, random) => terminated(broker.cut(random, random.pick([0.2, 0.5, 1]))),
  },
  {
    name: 'broker out of reach',
    weight: 2,
    targets: () => [BROKER],
    strike: async ({ broker }, _target, random) => {
      const milliseconds = random.between(500, 8_000);
      broker.refuse();
      await sleep(milliseconds);
      broker.admit();
      return seconds(milliseconds);
    },
  },
  {
    name: 'broker away, then kill -9',
    weight: 1,
    targets: (scene) => members(scene).filter((name) => /-cdc(-\d+)?$/.test(name)),
    strike: async ({ fleet, broker }, target) => {
      broker.refuse();
      await sleep(2_000);
      const hit = signal(fleet, target, 'SIGKILL');
      broker.admit();
      return hit ? '' : undefined;
    },
  },
  {
    name: 'replication slot lost',
    weight: 1,
    targets: () => databases.filter(({ relay }) => relay !== undefined).map(({ database }) => database),
    strike: loseSlot,
  },
];

/** Windows has nothing like these signals. */
const bySignal: readonly FaultKind[] = [
  {
    name: 'pause',
    weight: 8,
    targets: everything,
    strike: (scene, target, random) => pause(scene, target, random.between(500, 10_000)),
  },
  {
    // Longer than the broker waits for an acknowledgement, and PostgreSQL for a sign of life of a relay.
    name: 'long pause',
    weight: 1,
    targets: members,
    strike: (scene, target, random) => pause(scene, target, random.between(31_000, 40_000)),
  },
  {
    name: 'kill -9 between commit and acknowledgement',
    weight: 5,
    targets: members,
    strike: ({ fleet }, target) => crashAt(fleet, target, 'SIGUSR2'),
  },
  {
    name: 'kill -9 just before the commit',
    weight: 3,
    targets: services,
    strike: ({ fleet }, target) => crashAt(fleet, target, 'SIGWINCH'),
  },
  {
    name: "kill -9 of one of PostgreSQL's processes",
    weight: 2,
    targets: () => ['postgres'],
    strike: async ({ fleet }, _target, random) => {
      const pid = fleet.pid('postgres');
      const children = pid === undefined ? [] : descendantsOf(pid);
      return children.length > 0 && sendTo(random.pick(children), 'SIGKILL') ? '' : undefined;
    },
  },
];

export const faultKinds: readonly FaultKind[] =
  process.platform === 'win32' ? portable : [...portable, ...bySignal];

export function faultKind(name: string): FaultKind {
  const found = faultKinds.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`there is no fault "${name}" on this platform`);
  return found;
}

type Fleet = Scene['fleet'];

const terminated = (count: number): string | undefined => (count === 0 ? undefined : `${count} connections`);

/** PostgreSQL may be down for another fault; then the process is started again until it works. */
async function startAgain(fleet: Fleet, name: string): Promise<void> {
  for (;;) {
    try {
      return await fleet.startProcess(name);
    } catch {
      await sleep(500);
    }
  }
}

async function cutDatabase(fleet: Fleet, database: string, most: number): Promise<number> {
  const text = `SELECT pg_terminate_backend(pid) FROM (
      SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() ORDER BY random() LIMIT $2) AS chosen`;
  return (await query(fleet, 'postgres', text, [database, most]).catch(() => [])).length;
}

/** How long to wait for the process to come to the point where it is to die, in milliseconds. */
const CRASH_WITHIN = 5_000;

/** See chaos-preload/crash-points.cjs: the process kills itself when it comes to the point, unless it is told again before. */
async function crashAt(fleet: Fleet, target: string, what: NodeJS.Signals): Promise<string | undefined> {
  const pid = fleet.pid(target);
  if (pid === undefined || !signal(fleet, target, what)) return undefined;
  const deadline = Date.now() + CRASH_WITHIN;
  while (Date.now() < deadline && fleet.pid(target) === pid) await sleep(50);
  if (fleet.pid(target) !== pid) return '';
  signal(fleet, target, what);
  return undefined;
}

/** The relays of a database come back to a slot that is gone: what the outbox holds has to be published all the same. */
async function loseSlot({ fleet }: Scene, database: string): Promise<string | undefined> {
  const relays = fleet.members.filter(
    ({ definition }) => definition.kind === 'relay' && definition.database === database,
  );
  await Promise.all(relays.map(({ name }) => fleet.stopProcess(name)));
  // The relays' walsenders may need a moment to end.
  let dropped = false;
  for (let attempt = 0; attempt < 20 && !dropped; attempt += 1) {
    dropped = await query(fleet, 'postgres', 'SELECT pg_drop_replication_slot($1)', [
      `${database}_outbox`,
    ]).then(
      () => true,
      () => false,
    );
    if (!dropped) await sleep(100);
  }
  await sleep(500);
  await Promise.all(relays.map(({ name }) => startAgain(fleet, name)));
  return dropped ? '' : undefined;
}
