import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { readNote, writeNote } from './note-file';

/** The generated passwords of one data folder: the superuser's and, by name, those of all other roles and of the broker's users. */
export interface Secrets {
  readonly superuser: string;
  readonly roles: Readonly<Record<string, string>>;
  readonly brokerUsers: Readonly<Record<string, string>>;
}

/** URL-safe, so that it can stand in a connection string as it is; 192 bits. */
const newPassword = (): string => randomBytes(24).toString('base64url');

/**
 * The passwords kept in `file`, which only its owner may read; made at the first call, with one for each role and
 * broker user, and added to when one is new.
 */
export function loadSecrets(
  file: string,
  roles: readonly string[] = [],
  brokerUsers: readonly string[] = [],
): Secrets {
  const kept = readNote<Partial<Secrets>>(file) ?? {};
  const secrets = {
    superuser: kept.superuser ?? newPassword(),
    roles: withAll(roles, kept.roles),
    brokerUsers: withAll(brokerUsers, kept.brokerUsers),
  };
  if (JSON.stringify(secrets) !== JSON.stringify(kept)) save(file, secrets);
  return secrets;
}

function withAll(names: readonly string[], kept: Readonly<Record<string, string>> = {}) {
  return { ...kept, ...Object.fromEntries(names.map((name) => [name, kept[name] ?? newPassword()])) };
}

function save(file: string, secrets: Secrets): void {
  mkdirSync(dirname(file), { recursive: true });
  writeNote(file, secrets, 0o600);
}
