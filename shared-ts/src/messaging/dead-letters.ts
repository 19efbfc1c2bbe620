import { inspect } from 'node:util';

/** A message that was set aside because it could not be handled. */
export interface DeadLetter {
  readonly consumer: string;
  readonly messageId: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The payload byte for byte as it came. */
  readonly payload: Uint8Array;
  /** The error's message, and below it those of its causes, one after the other. */
  readonly error: string;
  readonly attempts: number;
  /** Where it stood in the broker's stream. */
  readonly streamSequence: number;
}

/** Where messages wait that failed or that could not be read, until an operator replays or deletes them. */
export interface DeadLetters {
  /**
   * Counts one more try to handle a message that has failed before; committed at once, so that a crash counts too.
   * @returns how many tries that makes; 0 for a message that was handled, of which only the acknowledgement was lost
   */
  countAttempt(consumer: string, messageId: string): Promise<number>;
  /** Sets a message aside, and forgets its attempts. One that was set aside before is kept as it came the last time. */
  add(letter: DeadLetter): Promise<void>;
}

/** A dead letter as its operators find it; the payload, which may be large, is asked for by itself. */
export interface WaitingDeadLetter extends Omit<DeadLetter, 'payload'> {
  readonly setAsideAt: Date;
  /** Another one each time the message is set aside. */
  readonly version: string;
}

/** The dead letters of one database, as its operators look through them. */
export interface WaitingDeadLetters {
  /** Those of all consumers, the oldest first. */
  list(): Promise<WaitingDeadLetter[]>;
  /** Undefined when the letter is gone, or was set aside again since it was read. */
  payloadOf(letter: WaitingDeadLetter): Promise<Uint8Array | undefined>;
  /**
   * Removes a letter and the count of its attempts.
   * @returns false when it is gone, or was set aside again since it was read: that letter stays
   */
  remove(letter: WaitingDeadLetter): Promise<boolean>;
  /** How many wait for one consumer. */
  count(consumer: string): Promise<number>;
}

/** A chain of causes may be a circle. */
const MOST_CAUSES = 10;

/** An error in words: its message and, each on lines of its own, its causes. */
export function reasonFor(error: unknown): string {
  const lines = [error instanceof Error ? error.message : String(error)];
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && lines.length <= MOST_CAUSES) {
    lines.push(`caused by ${cause instanceof Error ? `${cause.name}: ${cause.message}` : inspect(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines.join('\n');
}
