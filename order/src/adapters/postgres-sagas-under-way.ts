import type { PostgresSession } from '@ftgo/shared-ts/postgres';
import type { SagasUnderWay } from '../application';

// Ids are in the order of time, so the newest orders are at the end of the primary key. A CreateOrderSaga has its order's id.
// Both are asked for in an index's order: what has ended since is passed over once, and marked in the index for the next time.
const count = {
  name: 'sagas-under-way-count',
  text: `SELECT ((SELECT count(*) FROM (SELECT FROM sagas WHERE state IN ('RUNNING', 'COMPENSATING') ORDER BY saga_id LIMIT $1) AS under_way) +
                 (SELECT count(*) FROM (SELECT aggregate_id FROM events WHERE version = 1 ORDER BY aggregate_id DESC LIMIT $1) AS newest
                  WHERE NOT EXISTS (SELECT FROM sagas WHERE saga_id = newest.aggregate_id)))::int AS count`,
};

/** The sagas under way, counted in the tables of events and sagas. */
export const postgresSagasUnderWay = (session: PostgresSession): SagasUnderWay => ({
  count: async (limit) => {
    const [row] = await session.query<{ count: number }>(count, [limit]);
    return row?.count ?? 0;
  },
});
