import { join } from 'node:path';
import { readNote, writeNote } from './note-file';
import { firstFreePort, freePorts, isFree, portInUseMessage } from './ports';
import type { ProcessDefinition } from './processes';
import { namesOf } from './members';

/** Ports by name: a member's, `postgres` and `nats`. */
export type PortMap = Readonly<Record<string, number>>;

/** Beside the usual ports of both, so that a fleet gets along with servers that are installed on the machine. */
const defaultInfrastructurePorts: PortMap = { postgres: 25432, nats: 24222 };

/** A fleet in tests takes any ports that are free. */
export async function allFreePorts(names: readonly string[]): Promise<PortMap> {
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, ports[index] ?? 0]));
}

/**
 * The fixed ports: those in the table for the processes, which are theirs or nobody's; for database and broker, which
 * only the fleet itself talks to, those noted in `file` or the next free ones; any for replicas.
 *
 * @throws Error with one line for each port that another process has
 */
export async function fixedPorts(
  definitions: readonly ProcessDefinition[],
  replicas: Readonly<Record<string, number>>,
  chosen: PortMap,
  file: string,
): Promise<PortMap> {
  const infrastructure = { ...(await infrastructurePorts(file)), ...chosen };
  const fixed = { ...Object.fromEntries(definitions.map(({ id, port }) => [id, port])), ...infrastructure };
  const extra = namesOf(definitions, replicas).map(({ name }) => name);
  const without = extra.filter((name) => fixed[name] === undefined);
  const ports = { ...fixed, ...(await allFreePorts(without)) };
  await assertFree(ports);
  return ports;
}

const portsInUseFile = 'ports-in-use.json';

/** Notes where the fleet of a data folder listens, for tools that are run beside it. */
export function notePorts(dataDir: string, ports: PortMap): void {
  writeNote(join(dataDir, portsInUseFile), ports);
}

/** Where the fleet of a data folder listens, or did when it last ran; undefined when it never has. */
export const notedPorts = (dataDir: string): PortMap | undefined =>
  readNote<PortMap>(join(dataDir, portsInUseFile));

async function infrastructurePorts(file: string): Promise<PortMap> {
  const noted = readNote<PortMap>(file) ?? {};
  const ports: Record<string, number> = {};
  for (const [name, usual] of Object.entries(defaultInfrastructurePorts)) {
    ports[name] = await firstFreePort(noted[name] ?? usual);
  }
  if (JSON.stringify(ports) !== JSON.stringify(noted)) writeNote(file, ports);
  return ports;
}

async function assertFree(ports: PortMap): Promise<void> {
  const entries = Object.entries(ports);
  const free = await Promise.all(entries.map(([, port]) => isFree(port)));
  const taken = entries.filter((_, index) => free[index] !== true);
  if (taken.length > 0) throw new Error(taken.map(([name, port]) => portInUseMessage(port, name)).join('\n'));
}
