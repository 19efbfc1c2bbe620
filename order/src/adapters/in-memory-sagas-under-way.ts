import type { NewEvent, SagaInstance } from '@ftgo/shared-ts';
import { tables, type InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { SagasUnderWay } from '../application';

/** The sagas under way without a database server. */
export const inMemorySagasUnderWay = (session: InMemorySession): SagasUnderWay => ({
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
