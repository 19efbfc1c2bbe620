import type { SagaInstance, SagaState, SagaStore } from '../saga/saga-store';
import type { PostgresSession } from './session';

const columns = `saga_id, saga_name, state, step, data, pending_command_id, deadline, attempts, failure, correlation_id`;

// Locked in the order of ids, so that two replicas with overlapping batches wait instead of deadlocking.
const lock = {
  name: 'sagas-lock',
  text: `SELECT ${columns} FROM sagas WHERE saga_id = ANY($1::uuid[]) ORDER BY saga_id FOR UPDATE`,
};

const overdue = {
  name: 'sagas-overdue',
  text: `SELECT ${columns} FROM sagas WHERE state IN ('RUNNING', 'COMPENSATING') AND deadline < $1
         ORDER BY deadline LIMIT $2 FOR UPDATE SKIP LOCKED`,
};

const save = {
  name: 'sagas-save',
  text: `INSERT INTO sagas (${columns})
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::json[], $6::uuid[], $7::timestamptz[],
                              $8::int[], $9::text[], $10::text[])
         ON CONFLICT (saga_id) DO UPDATE SET state = excluded.state, step = excluded.step, data = excluded.data,
           pending_command_id = excluded.pending_command_id, deadline = excluded.deadline, attempts = excluded.attempts,
           failure = excluded.failure, updated_at = now()`,
};

const record = {
  name: 'sagas-record',
  text: `INSERT INTO saga_history (saga_id, saga_name, kind, step, message, message_id, outcome, state)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
};

interface Row {
  saga_id: string;
  saga_name: string;
  state: SagaState;
  step: number;
  data: unknown;
  pending_command_id: string | null;
  deadline: Date | null;
  attempts: number;
  failure: string | null;
  correlation_id: string;
}

const toInstance = (row: Row): SagaInstance => ({
  sagaId: row.saga_id,
  sagaName: row.saga_name,
  state: row.state,
  step: row.step,
  data: row.data,
  pendingCommandId: row.pending_command_id ?? undefined,
  deadline: row.deadline?.toISOString(),
  attempts: row.attempts,
  failure: row.failure ?? undefined,
  correlationId: row.correlation_id,
});

export const postgresSagaStore = (session: PostgresSession): SagaStore => ({
  lock: async (ids) => {
    const rows = await session.query<Row>(lock, [ids]);
    return new Map(rows.map((row) => [row.saga_id, toInstance(row)]));
  },

  overdue: async (now, limit) => (await session.query<Row>(overdue, [now, limit])).map(toInstance),

  save: async (instances) => {
    await session.query(save, [
      instances.map((saga) => saga.sagaId),
      instances.map((saga) => saga.sagaName),
      instances.map((saga) => saga.state),
      instances.map((saga) => saga.step),
      instances.map((saga) => JSON.stringify(saga.data)),
      instances.map((saga) => saga.pendingCommandId ?? null),
      instances.map((saga) => saga.deadline ?? null),
      instances.map((saga) => saga.attempts),
      instances.map((saga) => saga.failure ?? null),
      instances.map((saga) => saga.correlationId),
    ]);
  },

  record: async (transitions) => {
    await session.query(record, [
      transitions.map((transition) => transition.sagaId),
      transitions.map((transition) => transition.sagaName),
      transitions.map((transition) => transition.kind),
      transitions.map((transition) => transition.step),
      transitions.map((transition) => transition.message ?? null),
      transitions.map((transition) => transition.messageId ?? null),
      transitions.map((transition) => transition.outcome ?? null),
      transitions.map((transition) => transition.state),
    ]);
  },
});
