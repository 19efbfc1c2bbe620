import type { Fleet } from '../../fleet/fleet';
import type { Client } from '../client';
import type { Journal } from '../journal';
import type { StreamMessage } from './stream';

/** What the audit goes by: the clients' journal, the broker's stream, the databases and the services' own answers. */
export interface Evidence {
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly client: Client;
  /** All that the stream holds, in its order. */
  readonly stream: readonly StreamMessage[];
  /** Asks a database as superuser. */
  readonly sql: <Row extends object>(
    database: string,
    text: string,
    values?: readonly unknown[],
  ) => Promise<Row[]>;
}

/** What a check has found. */
export interface Verdict {
  /** How many things were looked at: a check that saw nothing proves nothing. */
  readonly examined: number;
  /** One line for each thing that is wrong, with its ids. */
  readonly findings: readonly string[];
}

export interface Check {
  /** What has to be true. */
  readonly name: string;
  readonly run: (evidence: Evidence) => Promise<Verdict>;
}

/** The elements by a key that several may share. */
export function grouped<T, Key>(list: readonly T[], keyOf: (element: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const element of list) {
    const key = keyOf(element);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [element]);
    else group.push(element);
  }
  return groups;
}
