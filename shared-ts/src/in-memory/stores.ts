import { ConcurrencyConflict, type NewEvent, type Snapshot } from '../event-sourcing';
import { newId } from '../ids';
import { Repeated } from '../messaging/inbox';
import type { OutboxRow } from '../messaging/outbox';
import { changed, type SagaCount, type SagaInstance, type SagaTransition } from '../saga/saga-store';
import type { Stores } from '../unit-of-work';
import type { InMemorySession } from './database';

/** Names of the tables, for assertions on `InMemoryDatabase.rows`. */
export const tables = {
  events: 'events',
  snapshots: 'snapshots',
  outbox: 'outbox',
  inbox: 'inbox',
  sagas: 'sagas',
  sagaHistory: 'saga_history',
  idempotency: 'idempotency_keys',
} as const;

/** JSON as the database would give it back, so that what JSON can't hold fails here too. */
const asStored = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const timeOf = (deadline: string | undefined): number =>
  deadline === undefined ? Infinity : Date.parse(deadline);

function countOpen(sagas: readonly SagaInstance[]): SagaCount[] {
  const counts = new Map<string, SagaCount>();
  for (const { sagaName, state } of sagas) {
    if (state === 'COMPLETED' || state === 'COMPENSATED') continue;
    const key = `${sagaName} ${state}`;
    counts.set(key, { sagaName, state, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

/** All shared stores on one transaction of an in-memory database. */
export const inMemoryStores = (session: InMemorySession): Stores => ({
  events: {
    load: async ({ name, snapshotVersion }, ids) => {
      const streams = new Map<string, { snapshot?: Snapshot; events: NewEvent[] }>();
      for (const id of ids) {
        const found = session.get<Snapshot>(tables.snapshots, `${name} ${id}`);
        const snapshot = found?.snapshotVersion === snapshotVersion ? found : undefined;
        const stream = session.get<readonly NewEvent[]>(tables.events, `${name} ${id}`) ?? [];
        if (stream.length === 0) continue;
        streams.set(id, {
          snapshot,
          events: stream.filter((event) => event.version > (snapshot?.version ?? 0)),
        });
      }
      return streams;
    },
    append: async (events) => {
      for (const event of events) {
        const key = `${event.aggregateName} ${event.aggregateId}`;
        const stream = session.get<readonly NewEvent[]>(tables.events, key) ?? [];
        if (stream.some((stored) => stored.version === event.version)) {
          throw new ConcurrencyConflict('an aggregate was changed since it was loaded');
        }
        session.put(tables.events, key, [...stream, asStored(event)]);
      }
    },
    saveSnapshots: async (snapshots) => {
      for (const snapshot of snapshots) {
        session.put(
          tables.snapshots,
          `${snapshot.aggregateName} ${snapshot.aggregateId}`,
          asStored(snapshot),
        );
      }
    },
  },

  outbox: {
    add: async (rows: readonly OutboxRow[]) => {
      // A saga's command that goes out again has the same id and is a row of its own.
      for (const row of rows) session.put(tables.outbox, newId(), row);
    },
  },

  inbox: {
    enter: async (consumer, messageIds) => {
      const fresh = messageIds.filter((id) => session.get(tables.inbox, `${id} ${consumer}`) === undefined);
      for (const id of fresh) session.put(tables.inbox, `${id} ${consumer}`, true);
      return new Set(fresh);
    },
    enterNew: async (consumer, messageIds) => {
      for (const id of messageIds) {
        const key = `${id} ${consumer}`;
        if (session.get(tables.inbox, key) !== undefined) throw new Repeated(`${id} was handled before`);
        session.put(tables.inbox, key, true);
      }
    },
    repliesTo: async (_consumer, messageIds) => {
      const replies = new Map<string, OutboxRow>();
      for (const row of session.all<OutboxRow>(tables.outbox)) {
        const command = row.headers['ce-inreplyto'];
        if (command !== undefined && messageIds.includes(command) && !replies.has(command))
          replies.set(command, row);
      }
      return [...replies.values()];
    },
  },

  sagas: {
    lock: async (ids) => {
      const found = new Map<string, SagaInstance>();
      for (const id of ids) {
        const saga = session.get<SagaInstance>(tables.sagas, id);
        if (saga !== undefined) found.set(id, saga);
      }
      return found;
    },
    overdue: async (now, limit) =>
      session
        .all<SagaInstance>(tables.sagas)
        .filter(({ state }) => state === 'RUNNING' || state === 'COMPENSATING')
        .filter(({ deadline }) => timeOf(deadline) < now.getTime())
        .sort((one, other) => timeOf(one.deadline) - timeOf(other.deadline))
        .slice(0, limit),
    save: async (instances) => {
      for (const instance of instances) {
        const { sagaId, version } = instance;
        if ((session.get<SagaInstance>(tables.sagas, sagaId)?.version ?? version) !== version)
          throw new ConcurrencyConflict('a saga was taken on since it was read');
        session.put(tables.sagas, sagaId, asStored(changed(instance, { version: version + 1 })));
      }
    },
    record: async (transitions: readonly SagaTransition[]) => {
      for (const transition of transitions) {
        const key = transition.sagaId;
        const history = session.get<readonly SagaTransition[]>(tables.sagaHistory, key) ?? [];
        session.put(tables.sagaHistory, key, [...history, transition]);
      }
    },
    find: async (id) => session.get<SagaInstance>(tables.sagas, id),
    page: async ({ state, name }, before, limit) =>
      session
        .all<SagaInstance>(tables.sagas)
        .filter((saga) => state === undefined || saga.state === state)
        .filter((saga) => name === undefined || saga.sagaName === name)
        .filter((saga) => before === undefined || saga.sagaId < before)
        .sort((one, other) => (one.sagaId < other.sagaId ? 1 : -1))
        .slice(0, limit),
    history: async (id) => session.get<readonly SagaTransition[]>(tables.sagaHistory, id) ?? [],
    countOpen: async () => countOpen(session.all<SagaInstance>(tables.sagas)),
  },

  idempotency: {
    claim: async ({ scope, key }) =>
      session.get<{ fingerprint: string; answer: unknown }>(tables.idempotency, `${scope} ${key}`),
    complete: async ({ scope, key, fingerprint }, answer) => {
      session.put(tables.idempotency, `${scope} ${key}`, { fingerprint, answer: asStored(answer ?? null) });
    },
  },
});
