import type { IdempotencyClaim } from '../messaging/idempotency-store';
import type { MessageContext } from '../messaging/message';
import type { Scope } from './scope';
import type { UnitOfWork } from './unit-of-work';

/** A running transaction: its unit of work, and the service's ports bound to one scope of it. */
export interface Transaction<Ports> {
  readonly work: UnitOfWork;
  readonly ports: (scope: Scope) => Ports;
}

/** How a request runs; all fields are optional. */
export interface ExecuteOptions {
  /** Set when the client sent an Idempotency-Key. */
  readonly idempotency?: IdempotencyClaim;
}

/** Runs work in transactions: committed when it returns, rolled back when it throws. */
export interface Transactor<Ports> {
  /**
   * Runs one request. Decides again when somebody else was faster (a ConcurrencyConflict), a few times.
   * @throws Rejection code IDEMPOTENCY_KEY_REUSED when the key came with another body before
   */
  execute<T>(
    context: MessageContext,
    work: (ports: Ports) => Promise<T>,
    options?: ExecuteOptions,
  ): Promise<T>;
  /** Runs work once in a transaction of its own. */
  transaction<T>(work: (transaction: Transaction<Ports>) => Promise<T>): Promise<T>;
}
