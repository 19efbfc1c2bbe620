import type { WaitingDeadLetter } from '@ftgo/shared-ts/messaging';
import { createPool, isUnavailable, sqlState, waitingDeadLetters } from '@ftgo/shared-ts/postgres';
import { withoutPasswords, type Logger } from '@ftgo/shared-ts/telemetry';
import { messageOf } from '../command-line';
import type { Choice } from './command';

/** A dead letter and the way to it. */
export interface Letter {
  readonly envelope: WaitingDeadLetter;
  /** Undefined when the letter is gone, or was set aside again since it was read. */
  readonly payload: () => Promise<Uint8Array | undefined>;
  /** Whether this very letter was still there; one that was set aside again since it was read stays. */
  readonly remove: () => Promise<boolean>;
}

/** One service's database, opened. */
export interface LetterBox {
  /** The oldest letter first. */
  letters(): Promise<Letter[]>;
  close(): Promise<void>;
}

/** Opens the dead letters of a database. What fails there, fails with one line that says where. */
export function openLetterBox(databaseUrl: string, logger: Logger): LetterBox {
  const pool = createPool({ connectionString: databaseUrl, max: 1, serviceId: 'dead-letters' }, logger);
  const waiting = waitingDeadLetters(pool);
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw new Error(explain(error, databaseUrl), { cause: error });
    }
  };
  return {
    letters: async () =>
      (await asked(waiting.list())).map((envelope) => ({
        envelope,
        payload: () => asked(waiting.payloadOf(envelope)),
        remove: () => asked(waiting.remove(envelope)),
      })),
    close: () => pool.end(),
  };
}

const UNDEFINED_TABLE = '42P01';

function explain(error: unknown, databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  const database = `the database ${pathname.slice(1)} on ${host}`;
  if (sqlState(error) === UNDEFINED_TABLE)
    return `${database} has no dead letters: it is not a service's, or not migrated yet`;
  // Where a name has several addresses, there is an error for each of them.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const reason = withoutPasswords(messageOf(first));
  return isUnavailable(error)
    ? `${database} can't be reached (${reason}); is the fleet running?`
    : `${database}: ${reason}`;
}

/**
 * The letters that a choice means. An id that is there as it stands is meant by itself, though others begin like it.
 *
 * @throws Error in one line when an id is nobody's, or the beginning of several
 */
export function chosenFrom(letters: readonly Letter[], { id, service }: Choice): Letter[] {
  const ofService = letters.filter(({ envelope }) => service === undefined || envelope.consumer === service);
  if (id === undefined) return ofService;
  const exact = ofService.filter(({ envelope }) => envelope.messageId === id);
  const begun =
    exact.length > 0 ? exact : ofService.filter(({ envelope }) => envelope.messageId.startsWith(id));
  const ids = new Set(begun.map(({ envelope }) => envelope.messageId));
  if (ids.size === 0)
    throw new Error(
      `no dead letter ${service === undefined ? '' : `of ${service} `}has an id that begins with ${id}`,
    );
  if (ids.size > 1)
    throw new Error(`${ids.size} dead letters have an id that begins with ${id}: say more of it`);
  return begun;
}

/**
 * The one letter that a choice with an id means, for what can't be undone.
 *
 * @throws Error in one line when the message waits at several services
 */
export function theOneFrom(letters: readonly Letter[], choice: Choice): Letter {
  const chosen = chosenFrom(letters, choice);
  const [one, ...others] = chosen;
  if (one === undefined || others.length > 0) {
    const services = chosen.map(({ envelope }) => envelope.consumer).join(' and ');
    throw new Error(`${choice.id} waits at ${services}: choose one by --service`);
  }
  return one;
}
