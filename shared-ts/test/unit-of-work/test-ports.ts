import { join } from 'node:path';
import type { AggregateType, DomainEvent } from '../../src/domain';
import type { AggregateRepository } from '../../src/event-sourcing';
import { tables, type InMemorySession } from '../../src/in-memory';
import type { OutboxRow } from '../../src/messaging';
import type { PostgresSession } from '../../src/postgres';
import type { BothAdapters, TestSchema } from '../../src/testing';
import type { Scope } from '../../src/unit-of-work';

/** A number that grows: the smallest aggregate that has a published and a private event. */
export type TallyEvent =
  | DomainEvent<'test.Added', { readonly amount: number }>
  | DomainEvent<'test.Noted', { readonly note: string }>;

export interface TallyState {
  readonly total: number;
  readonly notes: readonly string[];
}

export const Tally: AggregateType<TallyState, TallyEvent> = {
  name: 'testservice.Tally',
  initial: { total: 0, notes: [] },
  evolve: (state, event) =>
    event.type === 'test.Added'
      ? { ...state, total: state.total + event.data.amount }
      : { ...state, notes: [...state.notes, event.data.note] },
  published: new Set(['test.Added']),
  snapshotVersion: 1,
};

export const added = (amount: number): TallyEvent => ({ type: 'test.Added', data: { amount } });
export const noted = (note: string): TallyEvent => ({ type: 'test.Noted', data: { note } });

/** What the contract suites need besides the stores: one aggregate, and a look into the tables that have no reader. */
export interface TestPorts {
  readonly scope: Scope;
  readonly tallies: AggregateRepository<TallyState, TallyEvent>;
  outboxRows(): Promise<OutboxRow[]>;
}

/** Every schema of shared-ts; there is no folder of a service's own. */
export const sharedSchema: TestSchema = {
  shared: ['event-store', 'outbox', 'inbox', 'idempotency', 'sagas'],
  folder: join(__dirname, 'no-migrations'),
};

export const inMemoryPorts = (scope: Scope, session: InMemorySession): TestPorts => ({
  scope,
  tallies: scope.aggregates(Tally),
  outboxRows: async () => [...session.all<OutboxRow>(tables.outbox)],
});

const readOutbox = {
  name: 'test-outbox',
  text: `SELECT id, channel, partition_key AS "partitionKey", headers, payload::text AS payload
         FROM outbox ORDER BY position`,
};

export const postgresPorts = (scope: Scope, session: PostgresSession): TestPorts => ({
  scope,
  tallies: scope.aggregates(Tally),
  outboxRows: () => session.query<OutboxRow & Record<string, unknown>>(readOutbox, []),
});

export const bothAdapters: BothAdapters<TestPorts> = {
  serviceId: 'test-service',
  schema: sharedSchema,
  inMemory: inMemoryPorts,
  postgres: postgresPorts,
};
