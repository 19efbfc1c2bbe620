import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Client } from 'pg';
import type { FleetOptions } from '../../src/fleet/fleet';
import { Fleet } from '../../src/fleet/fleet';
import { freePort } from '../../src/fleet/ports';
import type { ProcessDefinition } from '../../src/fleet/processes';
import { processIdentity } from '../../src/infrastructure/process-identity';
import { removePostgresData } from '../../src/infrastructure/postgres';
import { temporaryFolder } from '../temporary-folder';
import { waitFor } from '../wait-for';

jest.setTimeout(120_000);

const entry = join(__dirname, '..', 'dummy-process.cjs');
const dummy = (id: string, database: string, role = database): ProcessDefinition => {
  const kind = role === database ? 'service' : 'relay';
  return { id, kind, folder: 'dummy', entry, port: 1, database, role };
};
const two = [dummy('order-service', 'ordering'), dummy('order-cdc', 'ordering', 'ordering_cdc')];
const backOff = { firstMs: 1, longestMs: 50, soundAfterMs: 60_000 };

interface Told {
  readonly PG_CONN: string;
  readonly SERVICE_ID: string;
  readonly NATS_URL: string;
  readonly pid: number;
}

const tell = async (fleet: Fleet, name: string): Promise<Told> =>
  (await (await fetch(`${fleet.url(name)}/environment`)).json()) as Told;

/** Retries because the process may be just starting again. */
const tellOrNothing = (fleet: Fleet, name: string) => tell(fleet, name).catch(() => undefined);

async function roleOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ role: string }>('SELECT current_user AS role');
  await client.end();
  return rows[0]?.role ?? '';
}

describe('a fleet', () => {
  const folder = temporaryFolder(async () => {
    await fleet.stop();
    removePostgresData(join(dataDir, 'postgres'));
  });
  const dataDir = join(folder, 'fleet');
  const reports: string[] = [];
  const options: FleetOptions = {
    dataDir,
    processes: two,
    ports: 'free',
    backOff,
    replicas: { 'order-service': 2 },
    onReport: (line) => reports.push(line),
  };
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = new Fleet(options);
    await fleet.start();
  });

  it('gives each process its own database role and its own user of the broker', async () => {
    const [service, relay] = await Promise.all([tell(fleet, 'order-service'), tell(fleet, 'order-cdc')]);
    expect(await roleOf(service.PG_CONN)).toBe('ordering');
    expect(await roleOf(relay.PG_CONN)).toBe('ordering_cdc');
    expect(new URL(service.NATS_URL).username).toBe('order-service');
    expect(new URL(relay.NATS_URL).username).toBe('order-cdc');
  });

  it('runs replicas of a process under its name, on ports of their own', async () => {
    const [first, second] = await Promise.all([tell(fleet, 'order-service'), tell(fleet, 'order-service-2')]);
    expect(second.SERVICE_ID).toBe('order-service');
    expect(second.pid).not.toBe(first.pid);
  });

  it('starts a killed process again', async () => {
    const { pid } = await tell(fleet, 'order-cdc');
    fleet.kill('order-cdc');
    const again = await waitFor(async () => {
      const told = await tellOrNothing(fleet, 'order-cdc');
      return told !== undefined && told.pid !== pid && told;
    });
    expect(again.SERVICE_ID).toBe('order-cdc');
    expect(reports).toContainEqual(expect.stringMatching(/^order-cdc ended with signal SIGKILL/));
  });

  it.each(['postgres', 'nats'])('starts a killed %s again, where it was', async (name) => {
    const pid = fleet.pid(name);
    fleet.kill(name);
    await waitFor(() => fleet.pid(name) !== pid && fleet.pid(name) !== undefined);
    if (name === 'postgres') expect(await roleOf(fleet.adminUrl)).toBe('postgres');
  });

  it('leaves a stopped process alone until it is started again', async () => {
    await fleet.stopProcess('order-cdc');
    expect(fleet.pid('order-cdc')).toBeUndefined();
    expect(await tellOrNothing(fleet, 'order-cdc')).toBeUndefined();
    expect(readFileSync(fleet.logFile('order-cdc'), 'utf8')).toMatch(/told to end\n$/);
    await fleet.startProcess('order-cdc');
    await fleet.untilReady('order-cdc');
    expect((await tell(fleet, 'order-cdc')).pid).toBe(fleet.pid('order-cdc'));
  });

  it('keeps the passwords to itself', () => {
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('leaves no process behind and keeps its data when it is stopped', async () => {
    const names = ['postgres', 'nats', 'order-service', 'order-service-2', 'order-cdc'];
    const pids = names.map((name) => fleet.pid(name) ?? -1);
    expect(pids.map((pid) => processIdentity(pid) !== undefined)).toEqual(names.map(() => true));
    await fleet.stop();
    expect(pids.map(processIdentity)).toEqual(names.map(() => undefined));
    expect(existsSync(join(dataDir, 'pids.json'))).toBe(false);

    fleet = new Fleet(options);
    await fleet.start();
    expect(await roleOf(fleet.databaseUrl('kitchen'))).toBe('kitchen');
  });
});

describe('a fleet that is abandoned while it starts', () => {
  const folder = temporaryFolder(async () => {
    await fleet.stop();
    removePostgresData(join(folder, 'postgres'));
  });
  const fleet = new Fleet({ dataDir: folder, processes: two, ports: 'free', backOff });

  it('leaves no database behind that is not ready yet', async () => {
    const started = fleet.start().catch((error: unknown) => error);
    const file = join(folder, 'pids.json');
    const pid = await waitFor(() => {
      const { processes } = JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}') as {
        processes?: { name: string; pid: number }[];
      };
      return processes?.find(({ name }) => name === 'postgres')?.pid;
    });
    expect(fleet.pid('postgres')).toBeUndefined();
    // Whoever abandons a fleet is about to exit: what is only asked for would not be done.
    const kill = jest.spyOn(process, 'kill');
    fleet.abandon();
    expect(kill).toHaveBeenCalledWith(pid, 'SIGKILL');
    kill.mockRestore();
    await waitFor(() => processIdentity(pid) === undefined);
    expect(await started).toBeInstanceOf(Error);
  });
});

describe('a fleet that cannot start', () => {
  const folder = temporaryFolder();
  let fleets = 0;

  async function failing(options: Partial<FleetOptions>): Promise<{ error: Error; dataDir: string }> {
    fleets += 1;
    const dataDir = join(folder, `fleet-${fleets}`);
    const fleet = new Fleet({ dataDir, processes: two, ports: 'free', backOff, ...options });
    const error = await fleet.start().then(
      () => new Error('it started'),
      (failure: Error) => failure,
    );
    await fleet.stop();
    removePostgresData(join(dataDir, 'postgres'));
    return { error, dataDir };
  }

  it('shows the last lines of the log of the process that keeps ending', async () => {
    const { error } = await failing({ envFor: { 'order-cdc': { DUMMY_FAILS: 'no such host' } } });
    expect(error.message).toMatch(/^order-cdc keeps ending; its log is /);
    expect(error.message).toContain('PG_CONN is wrong: no such host');
  });

  it('names the process that has its port, and starts nothing', async () => {
    const port = await freePort();
    const holder = createServer();
    await new Promise<void>((listening) => holder.listen(port, '127.0.0.1', listening));
    const ports = { 'order-service': port, 'order-cdc': await freePort() };
    const { error, dataDir } = await failing({ ports });
    expect(error.message).toMatch(
      new RegExp(`^port ${port} \\(order-service\\) is in use by pid ${process.pid}: .*$`),
    );
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    await new Promise((closed) => holder.close(closed));
  });

  it('says that the entry point is not there', async () => {
    const { error } = await failing({
      processes: [{ ...dummy('order-service', 'ordering'), entry: '/nowhere/main.js' }],
    });
    expect(error.message).toBe('order-service is not built: /nowhere/main.js is missing');
  });
});
