import { join } from 'node:path';
import { Fleet } from '../fleet/fleet';
import { allFreePorts } from '../fleet/fleet-ports';
import { namesOf } from '../fleet/members';
import { unbundledProcesses as processes } from '../fleet/processes';
import { CuttableProxy } from './cuttable-proxy';
import type { Defect } from './defects';
import type { Scene } from './scene';

/** What runs twice: the orchestrator, a participant, and the relay of most messages. */
const replicas = { 'order-service': 2, 'kitchen-service': 2, 'order-cdc': 2 };

const preloads = join(__dirname, '..', '..', 'chaos-preload');

/** A fleet of its own on free ports, its broker behind a proxy, its processes able to die at the worst moments; not started yet. */
export async function chaosFleet(dataDir: string, defect: Defect | undefined): Promise<Scene> {
  const names = ['postgres', 'nats', ...namesOf(processes, replicas).map(({ name }) => name)];
  const ports = await allFreePorts(names);
  const broker = await CuttableProxy.open(ports['nats'] ?? 0);
  const envFor = Object.fromEntries(
    processes.map(({ id }) => [id, { NODE_OPTIONS: nodeOptions(preloadsOf(id, defect)) }]),
  );
  const fleet = new Fleet({
    dataDir,
    processes,
    ports,
    brokerPort: broker.port,
    replicas,
    envFor,
    env: { ENVIRONMENT: 'test' },
    backOff: { firstMs: 100, longestMs: 2_000, soundAfterMs: 5_000 },
  });
  return { fleet, broker };
}

function preloadsOf(process: string, defect: Defect | undefined): string[] {
  const planted = defect !== undefined && (defect.processes?.includes(process) ?? true);
  return ['crash-points.cjs', ...(planted ? [join('defects', `${defect.name}.cjs`)] : [])];
}

/** Node.js takes backslashes in quotes for escapes. */
function nodeOptions(files: readonly string[]): string {
  const requires = files.map((file) => `--require "${join(preloads, file).replaceAll('\\', '/')}"`);
  return [process.env['NODE_OPTIONS'] ?? '', ...requires].join(' ').trim();
}
