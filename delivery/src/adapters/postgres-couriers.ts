import type { PostgresSession } from '@ftgo/shared-ts/postgres';
import { PLANNED_STOPS, type Couriers } from '../application';
import { actionOf, type ActionRow } from './postgres-plans';

const find = { name: 'couriers-find', text: 'SELECT id, available FROM couriers WHERE id = $1' };

const plan = {
  name: 'couriers-plan',
  text: `SELECT delivery_id, type, address, time FROM (
           SELECT * FROM courier_actions WHERE courier_id = $1 ORDER BY time DESC, type, delivery_id DESC LIMIT $2) latest
         ORDER BY time, type DESC, delivery_id`,
};

const setAvailability = {
  name: 'couriers-set-availability',
  text: `INSERT INTO couriers (id, available) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET available = excluded.available`,
};

// Whoever is being given a delivery by another transaction is skipped, so that deliveries don't wait for each other; when all are, one of
// them gets this delivery too, without being locked or losing a turn.
const next = {
  name: 'couriers-next',
  text: `WITH idle AS (
           SELECT id FROM couriers WHERE available
           ORDER BY last_assigned_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED),
         turn AS (
           UPDATE couriers SET last_assigned_at = clock_timestamp() FROM idle WHERE couriers.id = idle.id
           RETURNING couriers.id),
         busy AS (
           SELECT id FROM couriers WHERE available AND NOT EXISTS (SELECT FROM idle)
           ORDER BY last_assigned_at LIMIT 1),
         made AS (
           INSERT INTO couriers (id, available, last_assigned_at)
           SELECT $1::uuid, true, clock_timestamp()
           WHERE NOT EXISTS (SELECT FROM idle) AND NOT EXISTS (SELECT FROM busy)
           RETURNING id)
         SELECT id FROM turn UNION ALL SELECT id FROM busy UNION ALL SELECT id FROM made`,
};

/** Couriers in the table `couriers`, their plans in `courier_actions`. */
export const postgresCouriers = (session: PostgresSession): Couriers => ({
  find: async (id) => {
    const [row] = await session.query<{ id: string; available: boolean }>(find, [id]);
    return row;
  },
  plan: async (id) => {
    const rows = await session.query<ActionRow>(plan, [id, PLANNED_STOPS]);
    return rows.map(actionOf);
  },
  setAvailability: async (id, available) => {
    await session.query(setAvailability, [id, available]);
  },
  next: async (newId) => {
    const [courier] = await session.query<{ id: string }>(next, [newId]);
    if (courier === undefined) throw new Error('there is no courier, and none was made');
    return courier.id;
  },
});
