/** How far a saga is: going forward, going back, or at one of its ends. */
export type SagaState = 'RUNNING' | 'COMPENSATING' | 'COMPLETED' | 'COMPENSATED' | 'STUCK';

/** One saga as the database holds it. */
export interface SagaInstance<Data = unknown> {
  readonly sagaName: string;
  readonly sagaId: string;
  readonly state: SagaState;
  /** Index of the step whose command is out (or, at an end, was the last). */
  readonly step: number;
  readonly data: Data;
  /** RFC 3339, as all times here. */
  readonly startedAt: string;
  /** When the command that is out (or was last) was first sent, under whatever id. */
  readonly stepSince: string;
  /** How often the command that is out was sent under its id, an operator's retries left out. */
  readonly sends: number;
  /** Id of the command whose reply is awaited. */
  readonly pendingCommandId?: string;
  /** When that reply is overdue. */
  readonly deadline?: string;
  /** How often the step's command has been refused where it may not fail; sending it again because no reply came does not count. */
  readonly attempts: number;
  /** Why the saga goes, or went, back: the failure reply's name or reason. */
  readonly failure?: string;
  /** On the way back: id of the step's own command, of which nobody knows whether it is carried out, and which is being undone. */
  readonly inDoubt?: string;
  /** What a STUCK saga was, and is again when an operator takes it on. */
  readonly stuckFrom?: 'RUNNING' | 'COMPENSATING';
  readonly correlationId: string;
  /** How often it had been saved when it was read; 0 for a new one. */
  readonly version: number;
}

/**
 * A saga that differs from `saga` in `changes`. Not a spread: V8 gives what a spread makes a layout of its own, and looks up anew each property that is written
 * into it.
 */
export const changed = <Data>(
  saga: SagaInstance<Data>,
  changes: Partial<SagaInstance<Data>>,
): SagaInstance<Data> => Object.assign({}, saga, changes);

/** What can happen to a saga. */
export type TransitionKind =
  | 'started'
  /** A command goes out. */
  | 'command'
  /** The same command goes out again, because its reply is overdue or an operator wants it. */
  | 'resent'
  | 'reply'
  /** A step was refused where it may not fail, and will be tried again. */
  | 'retry'
  /** A step has waited for its reply for as long as it may. */
  | 'timeout'
  /** An operator takes the saga on, or turns it round. */
  | 'operator'
  | 'compensating'
  | 'stuck'
  | 'completed'
  | 'compensated';

/** One thing that happened to a saga, for timelines and bug reports. */
export interface SagaTransition {
  readonly sagaName: string;
  readonly sagaId: string;
  readonly kind: TransitionKind;
  readonly step: string;
  /** Name of the command or reply, where it is one. */
  readonly message?: string;
  readonly messageId?: string;
  readonly outcome?: string;
  /** The saga's state after it. */
  readonly state: SagaState;
  /** RFC 3339. */
  readonly at: string;
}

/** Which sagas a list shows: all, or those of a state or a name. */
export interface SagaFilter {
  readonly state?: SagaState;
  readonly name?: string;
}

/** How many sagas of a name are in a state that is not an end. */
export interface SagaCount {
  readonly sagaName: string;
  readonly state: SagaState;
  readonly count: number;
}

/** Where sagas live. All calls are part of the surrounding transaction. */
export interface SagaStore {
  /** Reads and locks the sagas until the transaction ends. */
  lock(ids: readonly string[]): Promise<ReadonlyMap<string, SagaInstance>>;
  /** Locks up to `limit` sagas under way whose deadline is before `now`, passing over those that others hold. */
  overdue(now: Date, limit: number): Promise<readonly SagaInstance[]>;
  /**
   * Inserts or replaces.
   * @throws ConcurrencyConflict when one was saved since it was read, which can only be where it was not locked; or is new and there already
   */
  save(instances: readonly SagaInstance[]): Promise<void>;
  record(transitions: readonly SagaTransition[]): Promise<void>;
  /** Reads one, without a lock. */
  find(id: string): Promise<SagaInstance | undefined>;
  /**
   * Reads a page of the list, the newest first: by id, which is a UUID v7.
   * @param before id of the last saga of the page before
   */
  page(filter: SagaFilter, before: string | undefined, limit: number): Promise<readonly SagaInstance[]>;
  /** Reads what happened to a saga, in order. */
  history(id: string): Promise<readonly SagaTransition[]>;
  /** Counts the sagas that are under way or STUCK; ends are not counted, there is no bound to them. */
  countOpen(): Promise<readonly SagaCount[]>;
}
