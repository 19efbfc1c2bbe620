/** A message that was set aside because it could not be handled. */
export interface DeadLetter {
  readonly consumer: string;
  readonly messageId: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The payload as it came, UTF-8 (undecodable bytes replaced). */
  readonly payload: string;
  readonly error: string;
  readonly attempts: number;
  /** Where it stood in the broker's stream. */
  readonly streamSequence: number;
}

/** Where messages wait that failed or that could not be read, until an operator replays or deletes them. */
export interface DeadLetters {
  /** Counts one more try to handle a message that has failed before; committed at once, so that a crash counts too. */
  countAttempt(consumer: string, messageId: string): Promise<number>;
  /** Sets a message aside, and forgets its attempts. */
  add(letter: DeadLetter): Promise<void>;
}
