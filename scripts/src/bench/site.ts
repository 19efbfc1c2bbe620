import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fleet } from '../fleet/fleet';
import { databases } from '../infrastructure/databases';
import { removePostgresData } from '../infrastructure/postgres';
import type { Addresses } from './load/ftgo-client';
import { LoadProcess } from './load/load-process';
import { Counter, countingSettings } from './measure/counter';
import type { Watched } from './measure/process-usage';
import { StreamView } from './measure/stream';

/** The name that the load generator's process is reported under. */
export const loadGenerator = 'load generator';

/** A fleet that is at work has a log that is used again and again and grows no more; for as many segments as the orders of the throughput scenario fill. */
const operatingLogSegments = 128;

/** A fleet with empty data and all that it is measured with. */
export interface Site {
  readonly fleet: Fleet;
  readonly stream: StreamView;
  readonly counter: Counter;
  readonly addresses: Addresses;
  /** The databases that have an outbox. */
  readonly outboxUrls: readonly string[];
  /** The fleet's processes as they are now. */
  watched(): Watched;
  /** Ends everything and removes its data. */
  stop(): Promise<void>;
}

/** A site with a load generator in a process of its own, which is watched too. */
export interface LoadedSite extends Site {
  readonly load: LoadProcess;
}

/** Starts a fleet on free ports, configured as in production but for what measuring needs. */
export async function startSite(report: (line: string) => void): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ftgo-bench-'));
  chmodSync(dataDir, 0o711);
  const fleet = new Fleet({
    dataDir,
    ports: 'free',
    env: { ENVIRONMENT: 'production', LOG_LEVEL: 'info' },
    postgresSettings: countingSettings,
    logSegments: operatingLogSegments,
    onReport: report,
  });
  const ending: (() => Promise<unknown>)[] = [
    async () => {
      await fleet.stop();
      removePostgresData(join(dataDir, 'postgres'));
      await rm(dataDir, { recursive: true, force: true });
    },
  ];
  const stop = () => endAll(ending.splice(0).reverse());
  try {
    await fleet.start();
    const stream = await StreamView.open(fleet.natsUrl);
    ending.push(() => stream.close());
    const counter = await Counter.open(fleet.adminUrl, stream);
    ending.push(() => counter.close());
    return { fleet, stream, counter, stop, ...viewsOf(fleet) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As {@link startSite}, with a load generator. */
export async function startLoadedSite(report: (line: string) => void): Promise<LoadedSite> {
  const site = await startSite(report);
  try {
    const load = await LoadProcess.start(site.addresses);
    return {
      ...site,
      load,
      watched: () => {
        const { pids, postgres } = site.watched();
        return { pids: new Map([...pids, [loadGenerator, load.pid]]), postgres };
      },
      stop: () => endAll([() => load.stop(), () => site.stop()]),
    };
  } catch (error) {
    await site.stop();
    throw error;
  }
}

/**
 * Ends one after the other, all of them: a connection that does not close must not keep the fleet running.
 *
 * @throws the first failure
 */
export async function endAll(ending: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ending) await end().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function viewsOf(fleet: Fleet): Pick<Site, 'addresses' | 'outboxUrls' | 'watched'> {
  const services = Object.fromEntries(fleet.members.map(({ name, url }) => [name, url]));
  const withOutbox = databases.filter(({ relay }) => relay !== undefined);
  return {
    addresses: { services, natsUrl: fleet.natsUrl },
    outboxUrls: withOutbox.map(({ database }) => fleet.databaseUrl(database)),
    watched: () => {
      const named = [...fleet.members.map(({ name }) => name), 'nats'];
      const pids = named.flatMap((name) => {
        const pid = fleet.pid(name);
        return pid === undefined ? [] : [[name, pid] as const];
      });
      return { pids: new Map(pids), postgres: fleet.pid('postgres') };
    },
  };
}
