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
  /** Id of the command whose reply is awaited. */
  readonly pendingCommandId?: string;
  /** When that reply is overdue, RFC 3339. */
  readonly deadline?: string;
  /** How often the step's command has been refused where it may not fail; sending it again because no reply came does not count. */
  readonly attempts: number;
  /** Why the saga goes, or went, back: the failure reply's name or reason. */
  readonly failure?: string;
  readonly correlationId: string;
}

/** One thing that happened to a saga, for timelines and bug reports. */
export interface SagaTransition {
  readonly sagaName: string;
  readonly sagaId: string;
  /** `started`, `command`, `reply`, `compensating`, `completed`, `compensated`, `stuck`, ... */
  readonly kind: string;
  readonly step: string;
  /** Name of the command or reply, where it is one. */
  readonly message?: string;
  readonly messageId?: string;
  readonly outcome?: string;
  readonly state: SagaState;
}

/** Where sagas live. All calls are part of the surrounding transaction. */
export interface SagaStore {
  /** Reads and locks the sagas until the transaction ends. */
  lock(ids: readonly string[]): Promise<ReadonlyMap<string, SagaInstance>>;
  /** Locks up to `limit` sagas under way whose deadline is before `now`, passing over those that others hold. */
  overdue(now: Date, limit: number): Promise<readonly SagaInstance[]>;
  /** Inserts or replaces. */
  save(instances: readonly SagaInstance[]): Promise<void>;
  record(transitions: readonly SagaTransition[]): Promise<void>;
}
