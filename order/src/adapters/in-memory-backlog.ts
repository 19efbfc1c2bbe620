import type { NewEvent, SagaInstance } from '@ftgo/shared-ts';
import { tables, type InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { Backlog } from '../application';

/** The backlog without a database server. */
export const inMemoryBacklog = (session: InMemorySession): Backlog => ({
  count: async (limit) => {
    const sagas = session.all<SagaInstance>(tables.sagas);
    const started = new Set(sagas.map(({ sagaId }) => sagaId));
    const orders = session
      .all<readonly NewEvent[]>(tables.events)
      .flatMap(([first]) => first?.aggregateId ?? []);
    const newest = orders.slice(Math.max(0, orders.length - limit));
    const unstarted = newest.filter((id) => !started.has(id));
    const underWay = sagas.filter(({ state }) => state === 'RUNNING' || state === 'COMPENSATING');
    return Math.min(underWay.length, limit) + unstarted.length;
  },
});
