import type { values } from '@ftgo/serviceapis';
import { jsons, texts, timestamps, type PostgresSession } from '@ftgo/shared-ts/postgres';
import type { Deliveries } from '../application';
import { isReadyToSchedule, type Delivery } from '../domain/delivery';
import { actionOf, type ActionRow } from './postgres-plans';

interface Row {
  id: string;
  restaurant_id: string | null;
  deliver_to: values.Address | null;
  deliver_at: Date | null;
  ready_by: Date | null;
  cancelled: boolean;
  courier_id: string | null;
}

const COLUMNS = 'id, restaurant_id, deliver_to, deliver_at, ready_by, cancelled, courier_id';

const find = { name: 'deliveries-find', text: `SELECT ${COLUMNS} FROM deliveries WHERE id = $1` };

const merge = {
  name: 'deliveries-merge',
  text: `INSERT INTO deliveries AS known (id, restaurant_id, deliver_to, deliver_at, ready_by, cancelled)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET
           restaurant_id = coalesce(known.restaurant_id, excluded.restaurant_id),
           deliver_to = coalesce(known.deliver_to, excluded.deliver_to),
           deliver_at = coalesce(known.deliver_at, excluded.deliver_at),
           ready_by = coalesce(known.ready_by, excluded.ready_by),
           cancelled = known.cancelled OR excluded.cancelled
         RETURNING ${COLUMNS}`,
};

const waitingFor = {
  name: 'deliveries-waiting-for',
  text: `SELECT ${COLUMNS} FROM deliveries
         WHERE restaurant_id = $1 AND courier_id IS NULL AND NOT cancelled AND ready_by IS NOT NULL
         ORDER BY id FOR UPDATE`,
};

// One statement, because handlers of one batch share a connection and may come in between two.
const assign = {
  name: 'deliveries-assign',
  text: `WITH assigned AS (
           UPDATE deliveries SET courier_id = $2 WHERE id = $1 AND courier_id IS NULL AND NOT cancelled
           RETURNING id, courier_id)
         INSERT INTO courier_actions (delivery_id, courier_id, type, address, time)
         SELECT assigned.id, assigned.courier_id, action.type, action.address, action.time
         FROM assigned, unnest($3::text[], $4::json[], $5::timestamptz[]) AS action (type, address, time)`,
};

const actions = {
  name: 'deliveries-actions',
  text: `SELECT delivery_id, type, address, time FROM courier_actions
         WHERE delivery_id = $1 ORDER BY time, type DESC`,
};

const dropActions = {
  name: 'deliveries-drop-actions',
  text: 'DELETE FROM courier_actions WHERE delivery_id = $1',
};

/** Deliveries in the table `deliveries`, what their couriers have to do in `courier_actions`. */
export const postgresDeliveries = (session: PostgresSession): Deliveries => ({
  find: async (id) => {
    const [row] = await session.query<Row>(find, [id]);
    return row && deliveryOf(row);
  },
  merge: async (id, { order, readyBy, cancelled = false }) => {
    const [row] = await session.query<Row>(merge, [
      id,
      order?.restaurantId,
      order && JSON.stringify(order.deliverTo),
      order && new Date(order.deliverAt),
      readyBy && new Date(readyBy),
      cancelled,
    ]);
    if (row === undefined) throw new Error(`delivery ${id} was not merged`);
    return deliveryOf(row);
  },
  waitingFor: async (restaurantId) => {
    const rows = await session.query<Row>(waitingFor, [restaurantId]);
    return rows.map(deliveryOf).filter(isReadyToSchedule);
  },
  assign: async (id, courierId, planned) => {
    await session.query(assign, [
      id,
      courierId,
      texts(planned.map(({ type }) => type)),
      jsons(planned.map(({ address }) => JSON.stringify(address))),
      timestamps(planned.map(({ time }) => new Date(time))),
    ]);
  },
  actions: async (id) => {
    const rows = await session.query<ActionRow>(actions, [id]);
    return rows.map(actionOf);
  },
  dropActions: async (id) => {
    await session.query(dropActions, [id]);
  },
});

const deliveryOf = (row: Row): Delivery => ({
  id: row.id,
  ...(row.restaurant_id !== null && row.deliver_to !== null && row.deliver_at !== null
    ? {
        order: {
          restaurantId: row.restaurant_id,
          deliverTo: row.deliver_to,
          deliverAt: row.deliver_at.toISOString(),
        },
      }
    : {}),
  ...(row.ready_by === null ? {} : { readyBy: row.ready_by.toISOString() }),
  cancelled: row.cancelled,
  ...(row.courier_id === null ? {} : { courierId: row.courier_id }),
});
