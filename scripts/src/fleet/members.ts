import { join } from 'node:path';
import type { ProcessDefinition } from './processes';

/** One running copy of a process; a replica has the name of its process and a number, and a port of its own. */
export interface Member {
  readonly name: string;
  readonly definition: ProcessDefinition;
  readonly port: number;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  readonly logFile: string;
}

/** The processes as members: one for each, and further ones (`order-service-2`, ...) where replicas are asked for. */
export function membersOf(
  definitions: readonly ProcessDefinition[],
  replicas: Readonly<Record<string, number>>,
  portOf: (name: string) => number,
  logFileOf: (name: string) => string,
): Member[] {
  return namesOf(definitions, replicas).map(({ name, definition }) => {
    const port = portOf(name);
    return { name, definition, port, url: `http://127.0.0.1:${port}`, logFile: logFileOf(name) };
  });
}

/** The names of all members, each with what it is a copy of. */
export function namesOf(
  definitions: readonly ProcessDefinition[],
  replicas: Readonly<Record<string, number>>,
): { name: string; definition: ProcessDefinition }[] {
  return definitions.flatMap((definition) => {
    const count = replicas[definition.id] ?? 1;
    return Array.from({ length: count }, (_, index) => ({
      name: index === 0 ? definition.id : `${definition.id}-${index + 1}`,
      definition,
    }));
  });
}

/** What a member's environment is made of. */
export interface Surroundings {
  readonly databaseUrl: (database: string, role: string) => string;
  readonly brokerUrl: (user: string) => string;
  readonly dataDir: string;
  readonly shutdownTimeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly envFor: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * In megabytes. With V8's defaults, made for machines with much memory, garbage piles up: under load the order service grew to 190 MB, with these to less
 * than 110. V8's helper threads, four by default, have memory of their own, too.
 */
const memoryLimits = '--max-semi-space-size=4 --max-old-space-size=512 --v8-pool-size=1';

/**
 * In bytes. When a program has been read, glibc gives back what that took, unless it has learned from the first big piece that big ones will come again; a threshold of one's own keeps
 * it from learning: https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
const freeMemoryKept = 1024 * 1024;

/**
 * A member's environment variables. They listen on 127.0.0.1 unless WEB_HTTP_HOST says otherwise: nobody on the network
 * is asked for a password. From Node 22 on, compiled code is kept in the data folder, which halves a start's work.
 */
export function environmentOf(member: Member, around: Surroundings): Record<string, string> {
  const { id, database, role } = member.definition;
  return {
    WEB_HTTP_HOST: process.env['WEB_HTTP_HOST'] || '127.0.0.1',
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${memoryLimits}`.trim(),
    MALLOC_TRIM_THRESHOLD_: String(freeMemoryKept),
    NODE_COMPILE_CACHE: join(around.dataDir, 'compile-cache'),
    SHUTDOWN_TIMEOUT: `${around.shutdownTimeoutMs}ms`,
    ...around.env,
    SERVICE_ID: id,
    WEB_HTTP_PORT: String(member.port),
    PG_CONN: around.databaseUrl(database, role),
    NATS_URL: around.brokerUrl(id),
    ...around.envFor[id],
    ...around.envFor[member.name],
  };
}
