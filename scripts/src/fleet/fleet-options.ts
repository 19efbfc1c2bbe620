import type { PortMap } from './fleet-ports';
import type { ProcessDefinition } from './processes';
import type { BackOff } from './supervisor';

/** What a fleet is told; only the data folder has no default. */
export interface FleetOptions {
  /** Everything the fleet keeps is in here: data, logs, passwords, ports, the note of what runs. */
  readonly dataDir: string;
  /** The folder that entry points are relative to; this checkout. */
  readonly repository?: string;
  /** The fleet's twelve processes. */
  readonly processes?: readonly ProcessDefinition[];
  /** `free` for any free ports, else ports by name (of a process, `postgres`, `nats`) that replace the fixed ones. */
  readonly ports?: 'free' | PortMap;
  /** Where processes reach the broker when that is not its own port, but a proxy's. */
  readonly brokerPort?: number;
  /** How many copies of a process, by its id; one. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Further environment variables of all processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further environment variables of one process or of one replica, by name; these win over all others. */
  readonly envFor?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Further PostgreSQL settings. */
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** How many segments of 16 MB a new database's log has from the beginning, beside its first; none. */
  readonly logSegments?: number;
  /** How long a process may take to shut down, in milliseconds; 10 seconds. */
  readonly shutdownTimeoutMs?: number;
  /** How long all processes together may take until they are ready, in milliseconds; two minutes. */
  readonly readyTimeoutMs?: number;
  readonly backOff?: BackOff;
  /** Told what has been done, a line a step. */
  readonly onProgress?: (line: string) => void;
  /** Told what went wrong and is put right: ends, restarts, leftovers. */
  readonly onReport?: (line: string) => void;
}
