/** A request that a client marked with an Idempotency-Key. */
export interface IdempotencyClaim {
  /** Where the key counts: method and path. */
  readonly scope: string;
  readonly key: string;
  /** Digest of the body: the same key with another body is a mistake of the client's. */
  readonly fingerprint: string;
}

/** Remembers the answers to requests with an Idempotency-Key. All calls are part of the surrounding transaction. */
export interface IdempotencyStore {
  /**
   * Takes the key for this transaction; waits while another transaction holds it.
   * @returns the first request's fingerprint and answer when the key was used before
   */
  claim(claim: IdempotencyClaim): Promise<{ fingerprint: string; answer: unknown } | undefined>;
  /** Keeps the answer under the key, in the transaction that made it true. */
  complete(claim: IdempotencyClaim, answer: unknown): Promise<void>;
}
