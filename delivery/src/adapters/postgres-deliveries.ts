import type { values } from '@ftgo/serviceapis';
import type { Scope } from '@ftgo/shared-ts';
import { column, columns, inOrderOf, uuids, type PostgresSession } from '@ftgo/shared-ts/postgres';
import type { Deliveries } from '../application';
import type { CourierAction } from '../domain/courier';
import { isReadyToSchedule, type Delivery, type DeliveryFacts } from '../domain/delivery';
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
         SELECT unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::json[]), unnest($4::timestamptz[]),
                unnest($5::timestamptz[]), unnest($6::boolean[])
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
         SELECT id, courier_id, unnest($3::text[]), unnest($4::json[]), unnest($5::timestamptz[]) FROM assigned`,
};

const actions = {
  name: 'deliveries-actions',
  text: `SELECT delivery_id, type, address, time FROM courier_actions
         WHERE delivery_id = $1 ORDER BY time, type DESC`,
};

const dropActions = {
  name: 'deliveries-drop-actions',
  text: 'DELETE FROM courier_actions WHERE delivery_id = ANY($1::uuid[])',
};

/** What a message tells about a delivery. */
interface Told {
  readonly id: string;
  readonly facts: DeliveryFacts;
}

/** Deliveries in the table `deliveries`, what their couriers have to do in `courier_actions`. */
export function postgresDeliveries({ work }: Scope, session: PostgresSession): Deliveries {
  const mergeOne = work.batcher<Told, Delivery>('delivery merges', async (told) => {
    const merged = new Map<Told, Delivery>();
    const mergeRound = async (round: ReadonlyMap<string, Told>): Promise<void> => {
      const rows = await session.query<Row>(merge, toldColumns(inOrderOf(({ id }) => id, round.values())));
      for (const row of rows) {
        const each = round.get(row.id);
        if (each !== undefined) merged.set(each, deliveryOf(row));
      }
    };
    await Promise.all(roundsOf(told).map(mergeRound));
    return told.map((each) => merged.get(each) ?? new Error(`delivery ${each.id} was not merged`));
  });
  const dropActionsOf = work.batcher<string, void>('actions to drop', async (ids) => {
    await session.query(dropActions, [uuids(ids)]);
    return ids.map(() => undefined);
  });
  return {
    find: async (id) => {
      const [row] = await session.query<Row>(find, [id]);
      return row && deliveryOf(row);
    },
    merge: (id, facts) => mergeOne({ id, facts }),
    waitingFor: async (restaurantId) => {
      const rows = await session.query<Row>(waitingFor, [restaurantId]);
      return rows.map(deliveryOf).filter(isReadyToSchedule);
    },
    assign: async (id, courierId, planned) => {
      await session.query(assign, [id, courierId, ...actionColumns(planned)]);
    },
    actions: async (id) => {
      const rows = await session.query<ActionRow>(actions, [id]);
      return rows.map(actionOf);
    },
    dropActions: (id) => dropActionsOf(id),
  };
}

/**
 * By delivery, in rounds that have each once at most: PostgreSQL refuses to touch a row twice in one statement, and of two messages about one
 * delivery only the later one may see what both have told.
 */
function roundsOf(told: readonly Told[]): Map<string, Told>[] {
  const rounds: Map<string, Told>[] = [];
  for (const each of told) {
    const round = rounds.find((candidate) => !candidate.has(each.id));
    if (round === undefined) rounds.push(new Map([[each.id, each]]));
    else round.set(each.id, each);
  }
  return rounds;
}

const toldColumns = columns<Told>(
  column.uuid(({ id }) => id),
  column.uuid(({ facts }) => facts.order?.restaurantId),
  column.json(({ facts }) => facts.order && JSON.stringify(facts.order.deliverTo)),
  column.timestamp(({ facts }) => facts.order && new Date(facts.order.deliverAt)),
  column.timestamp(({ facts }) => (facts.readyBy === undefined ? undefined : new Date(facts.readyBy))),
  column.boolean(({ facts }) => facts.cancelled === true),
);

const actionColumns = columns<CourierAction>(
  column.text(({ type }) => type),
  column.json(({ address }) => JSON.stringify(address)),
  column.timestamp(({ time }) => new Date(time)),
);

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
