import type { QueryResultRow } from 'pg';
import { ConcurrencyConflict } from '../event-sourcing';
import type {
  SagaCount,
  SagaFilter,
  SagaInstance,
  SagaState,
  SagaStore,
  SagaTransition,
} from '../saga/saga-store';
import { column, inOrderOf, uuids } from './arrays';
import { lacksValue } from './errors';
import { rowStatement } from './row-statement';
import type { PostgresSession, Statement } from './session';

const COLUMNS = `saga_id, saga_name, state, step, data, pending_command_id, deadline, attempts, failure, correlation_id,
                 started_at, step_since, sends, in_doubt, stuck_from, version`;

// Locked in the order of ids, so that two replicas with overlapping batches wait instead of deadlocking.
const lock = {
  name: 'sagas-lock',
  text: `SELECT ${COLUMNS} FROM sagas WHERE saga_id = ANY($1::uuid[]) ORDER BY saga_id FOR UPDATE`,
};

const overdue = {
  name: 'sagas-overdue',
  text: `SELECT ${COLUMNS} FROM sagas WHERE state IN ('RUNNING', 'COMPENSATING') AND deadline < $1
         ORDER BY deadline LIMIT $2 FOR UPDATE SKIP LOCKED`,
};

const find = { name: 'sagas-find', text: `SELECT ${COLUMNS} FROM sagas WHERE saga_id = $1` };

/** The state stands in the text, not in a parameter, so that the planner sees which of the partial indexes it can use. */
const page = ({ state }: SagaFilter): Statement => ({
  name: `sagas-page-${state ?? 'all'}`,
  text: `SELECT ${COLUMNS} FROM sagas
         WHERE ($1::uuid IS NULL OR saga_id < $1) AND ($2::text IS NULL OR saga_name = $2)
         ${state === undefined ? '' : `AND state = '${state}'`}
         ORDER BY saga_id DESC LIMIT $3`,
});

const history = {
  name: 'sagas-history',
  text: `SELECT saga_id, saga_name, kind, step, message, message_id, outcome, state, at FROM saga_history
         WHERE saga_id = $1 ORDER BY position`,
};

// Each half is read from the partial index that has no other sagas.
const countOpen = {
  name: 'sagas-count-open',
  text: `SELECT saga_name AS "sagaName", state, count(*)::int AS count FROM sagas
         WHERE state IN ('RUNNING', 'COMPENSATING') GROUP BY saga_name, state
         UNION ALL
         SELECT saga_name, state, count(*)::int FROM sagas WHERE state = 'STUCK' GROUP BY saga_name, state`,
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
  started_at: Date;
  step_since: Date;
  sends: number;
  in_doubt: string | null;
  stuck_from: 'RUNNING' | 'COMPENSATING' | null;
  version: number;
}

interface HistoryRow {
  saga_id: string;
  saga_name: string;
  kind: SagaTransition['kind'];
  step: string;
  message: string | null;
  message_id: string | null;
  outcome: string | null;
  state: SagaState;
  at: Date;
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
  startedAt: row.started_at.toISOString(),
  stepSince: row.step_since.toISOString(),
  sends: row.sends,
  inDoubt: row.in_doubt ?? undefined,
  stuckFrom: row.stuck_from ?? undefined,
  version: row.version,
});

const toTransition = (row: HistoryRow): SagaTransition => ({
  sagaId: row.saga_id,
  sagaName: row.saga_name,
  kind: row.kind,
  step: row.step,
  message: row.message ?? undefined,
  messageId: row.message_id ?? undefined,
  outcome: row.outcome ?? undefined,
  state: row.state,
  at: row.at.toISOString(),
});

const dateOf = (time: string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);

// Of a version that is not the next one it makes NULL, which the column does not take: an error that undoes the transaction, though its COMMIT is in the same
// packet.
const save = rowStatement<SagaInstance>(
  'sagas-save',
  (rows) => `INSERT INTO sagas (${COLUMNS}) ${rows}
         ON CONFLICT (saga_id) DO UPDATE SET state = excluded.state, step = excluded.step, data = excluded.data,
           pending_command_id = excluded.pending_command_id, deadline = excluded.deadline, attempts = excluded.attempts,
           failure = excluded.failure, step_since = excluded.step_since, sends = excluded.sends, in_doubt = excluded.in_doubt,
           stuck_from = excluded.stuck_from, updated_at = now(),
           version = CASE WHEN excluded.version = sagas.version + 1 THEN excluded.version END`,
  column.uuid((saga) => saga.sagaId),
  column.text((saga) => saga.sagaName),
  column.text((saga) => saga.state),
  column.integer((saga) => saga.step),
  column.json((saga) => JSON.stringify(saga.data)),
  column.uuid((saga) => saga.pendingCommandId),
  column.timestamp((saga) => dateOf(saga.deadline)),
  column.integer((saga) => saga.attempts),
  column.text((saga) => saga.failure),
  column.text((saga) => saga.correlationId),
  column.timestamp((saga) => dateOf(saga.startedAt)),
  column.timestamp((saga) => dateOf(saga.stepSince)),
  column.integer((saga) => saga.sends),
  column.uuid((saga) => saga.inDoubt),
  column.text((saga) => saga.stuckFrom),
  column.integer((saga) => saga.version + 1),
);

const record = rowStatement<SagaTransition>(
  'sagas-record',
  (rows) =>
    `INSERT INTO saga_history (saga_id, saga_name, kind, step, message, message_id, outcome, state, at) ${rows}`,
  column.uuid((transition) => transition.sagaId),
  column.text((transition) => transition.sagaName),
  column.text((transition) => transition.kind),
  column.text((transition) => transition.step),
  column.text((transition) => transition.message),
  column.text((transition) => transition.messageId),
  column.text((transition) => transition.outcome),
  column.text((transition) => transition.state),
  column.timestamp((transition) => dateOf(transition.at)),
);

export class PostgresSagaStore implements SagaStore {
  constructor(private readonly session: PostgresSession) {}

  async lock(ids: readonly string[]): Promise<ReadonlyMap<string, SagaInstance>> {
    const instances = new Map<string, SagaInstance>();
    for (const row of await this.session.query<Row>(lock, [uuids(ids)]))
      instances.set(row.saga_id, toInstance(row));
    return instances;
  }

  async overdue(now: Date, limit: number): Promise<readonly SagaInstance[]> {
    return (await this.session.query<Row>(overdue, [now, limit])).map(toInstance);
  }

  async save(instances: readonly SagaInstance[]): Promise<void> {
    try {
      // In the order of ids, as they are locked.
      await this.session.query(...save(inOrderOf((saga) => saga.sagaId, instances)));
    } catch (error) {
      if (!lacksValue(error, 'version')) throw error;
      throw new ConcurrencyConflict('a saga was taken on since it was read', { cause: error });
    }
  }

  async record(transitions: readonly SagaTransition[]): Promise<void> {
    await this.session.query(...record(transitions));
  }

  async find(id: string): Promise<SagaInstance | undefined> {
    const [row] = await this.session.query<Row>(find, [id]);
    return row === undefined ? undefined : toInstance(row);
  }

  async page(
    filter: SagaFilter,
    before: string | undefined,
    limit: number,
  ): Promise<readonly SagaInstance[]> {
    const values = [before ?? null, filter.name ?? null, limit];
    return (await this.session.query<Row>(page(filter), values)).map(toInstance);
  }

  async history(id: string): Promise<readonly SagaTransition[]> {
    return (await this.session.query<HistoryRow>(history, [id])).map(toTransition);
  }

  countOpen(): Promise<readonly SagaCount[]> {
    return this.session.query<SagaCount & QueryResultRow>(countOpen, []);
  }
}
