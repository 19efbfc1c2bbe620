import { pino } from 'pino';
import { z } from 'zod';
import { newId } from '../../src/ids';
import { onCommand, type OutboxRow } from '../../src/messaging';
import { postgresTransactor, type PostgresPorts } from '../../src/postgres';
import {
  isInDoubt,
  sagaMetrics,
  sagaReplies,
  sagasOf,
  SagaSweeper,
  send,
  type SagaDefinition,
  type SagaInstance,
  type Sagas,
} from '../../src/saga';
import { createMetrics } from '../../src/telemetry';
import {
  commandsIn,
  freshDatabase,
  MessageDriver,
  repliesIn,
  testContext,
  type TestDatabase,
} from '../../src/testing';
import { added, postgresPorts, sharedSchema, type TestPorts } from '../unit-of-work/test-ports';

/** A saga of one service and a participant of another, each on its own database; the broker between them is the test's own hand. */
const Fill = {
  name: 'pantry.Fill',
  kind: 'command',
  channel: 'pantry',
  payload: z.object({ jar: z.guid() }),
} as const;
const Empty = { ...Fill, name: 'pantry.Empty' } as const;

const jamSaga: SagaDefinition<{ jar: string }> = {
  name: 'kitchen.JamSaga',
  steps: [
    { name: 'fill', action: (data) => send(Fill, data), undoInDoubt: (data) => send(Empty, data) },
    { name: 'fill up', action: (data) => send(Fill, data) },
  ],
};

const HOUR = 3_600_000;
const noon = Date.parse('2030-01-01T12:00:00.000Z');
const at = (milliseconds: number): Date => new Date(noon + milliseconds);

const outboxOf = async ({ pool }: TestDatabase): Promise<OutboxRow[]> => {
  const { rows } = await pool.query<OutboxRow>(
    `SELECT id, channel, partition_key AS "partitionKey", headers, payload::text AS payload FROM outbox ORDER BY position`,
  );
  return rows;
};

/** The service that orchestrates; its clock stands still at noon for replies. */
class Orchestrator {
  readonly messages: MessageDriver<Sagas>;
  private readonly transactor;
  private readonly sweeper;

  constructor(readonly database: TestDatabase) {
    const metrics = sagaMetrics(createMetrics('kitchen-service'));
    const ports: PostgresPorts<Sagas> = (scope) => sagasOf(scope, metrics, () => at(0));
    this.transactor = postgresTransactor(database.pool, 'kitchen-service', ports);
    this.messages = new MessageDriver('kitchen-service', this.transactor, [
      sagaReplies<Sagas, { jar: string }>(jamSaga, metrics, () => at(0)),
    ]);
    const logger = pino({ level: 'silent' });
    this.sweeper = new SagaSweeper([jamSaga], this.transactor, metrics, logger, 24 * HOUR);
  }

  async start(): Promise<string> {
    const id = newId();
    await this.transactor.execute(testContext(), (sagas) => sagas.start(jamSaga, id, { jar: newId() }));
    return id;
  }

  sweep(now: Date): Promise<number> {
    return this.sweeper.sweep(now);
  }

  async saga(id: string): Promise<SagaInstance | undefined> {
    return this.transactor.transaction(({ work }) => work.stores.sagas.find(id));
  }

  async commands(): Promise<OutboxRow[]> {
    return commandsIn(await outboxOf(this.database));
  }
}

/** The participant; it counts how often a jar was filled. */
class Pantry {
  readonly messages: MessageDriver<TestPorts>;
  private readonly transactor;

  constructor(readonly database: TestDatabase) {
    this.transactor = postgresTransactor(database.pool, 'pantry-service', postgresPorts);
    this.messages = new MessageDriver('pantry-service', this.transactor, [
      onCommand<TestPorts, typeof Fill>(Fill, async ({ tallies }, { payload }) => {
        await tallies.update(payload.jar, () => [added(1)]);
      }),
      onCommand<TestPorts, typeof Empty>(Empty, async ({ tallies }, { payload, ...command }) => {
        if (!isInDoubt(command)) throw new Error('the undo must say that it is in doubt');
        await tallies.update(payload.jar, ({ total }) => [added(-total)]);
      }),
    ]);
  }

  arrives(command: OutboxRow, deliveryCount = 1): Promise<unknown> {
    return this.messages.raw(
      `ftgo.${command.channel}`,
      command.headers,
      Buffer.from(command.payload),
      deliveryCount,
    );
  }

  async fillings(jar: string): Promise<number> {
    const { state } = await this.transactor.execute(testContext(), ({ tallies }) => tallies.load(jar));
    return state.total;
  }

  async rows(): Promise<OutboxRow[]> {
    return (await outboxOf(this.database)).filter(({ headers }) => headers['ce-messagekind'] === 'reply');
  }
}

let kitchen: Orchestrator;
let pantry: Pantry;
beforeEach(async () => {
  kitchen = new Orchestrator(await freshDatabase(sharedSchema));
  pantry = new Pantry(await freshDatabase(sharedSchema));
  await Promise.all([kitchen.messages.start(), pantry.messages.start()]);
});
afterEach(async () => {
  await Promise.all([kitchen.messages.stop(), pantry.messages.stop()]);
  await Promise.all([kitchen.database.drop(), pantry.database.drop()]);
});

/** Another process of the same service. */
async function withReplica(work: (replica: Orchestrator) => Promise<void>): Promise<void> {
  const replica = new Orchestrator(kitchen.database);
  await replica.messages.start();
  try {
    await work(replica);
  } finally {
    await replica.messages.stop();
  }
}

const last = <Row>(rows: readonly Row[]): Row => {
  const row = rows.at(-1);
  if (row === undefined) throw new Error('there is none');
  return row;
};
const deliver = (reply: OutboxRow, to = kitchen) =>
  to.messages.raw(`ftgo.${reply.channel}`, reply.headers, Buffer.from(reply.payload));
const jarOf = (command: OutboxRow): string => Fill.payload.parse(JSON.parse(command.payload)).jar;

it('a participant that says nothing for a while is asked again, and when it answers the saga goes on', async () => {
  const id = await kitchen.start();
  for (const minutes of [1, 5, 10, 30]) expect(await kitchen.sweep(at(minutes * 60_000))).toBe(1);
  const commands = await kitchen.commands();
  expect(commands).toHaveLength(5);
  expect(new Set(commands.map((command) => command.id)).size).toBe(1);
  // All of them lie at the broker, and the participant takes them one after the other.
  for (const command of commands) await pantry.arrives(command);
  expect(await pantry.fillings(jarOf(last(commands)))).toBe(1);
  for (const reply of await pantry.rows()) await deliver(reply);
  expect(await kitchen.saga(id)).toMatchObject({ state: 'RUNNING', step: 1 });
  expect(await kitchen.commands()).toHaveLength(6);
});

it('a reply that was lost is sent again when the command comes again, and the work is done once', async () => {
  const id = await kitchen.start();
  await pantry.arrives(last(await kitchen.commands()));
  const [lost] = await pantry.rows();
  expect(lost).toBeDefined();
  expect(await kitchen.sweep(at(60_000))).toBe(1);
  const again = last(await kitchen.commands());
  await pantry.arrives(again);
  expect(await pantry.fillings(jarOf(again))).toBe(1);

  const rows = await pantry.rows();
  expect(rows).toHaveLength(2);
  const reply = last(rows);
  expect(reply.id).not.toBe(lost?.id);
  expect(reply.headers['ce-id']).toBe(reply.id);
  const ignoringIds = ({ headers, channel, partitionKey, payload }: OutboxRow) => {
    const { 'ce-id': _id, 'ce-time': _time, ...same } = headers;
    return { channel, partitionKey, payload, same };
  };
  expect(rows.map(ignoringIds)[1]).toEqual(rows.map(ignoringIds)[0]);

  await deliver(reply);
  expect(await kitchen.saga(id)).toMatchObject({ state: 'RUNNING', step: 1 });
  // The one that was lost turns up after all.
  if (lost !== undefined) await deliver(lost);
  expect(await kitchen.saga(id)).toMatchObject({ state: 'RUNNING', step: 1 });
  expect(await kitchen.commands()).toHaveLength(3);
});

it('a reply is sent again as often as its command comes, also out of a batch of many', async () => {
  await Promise.all(Array.from({ length: 10 }, () => kitchen.start()));
  const commands = await kitchen.commands();
  await Promise.all(commands.map((command) => pantry.arrives(command)));
  const third = commands[2];
  if (third === undefined) throw new Error('there are ten');
  for (const _time of ['once', 'twice']) await pantry.arrives(third);
  const answered = repliesIn(await pantry.rows()).map(({ inReplyTo }) => inReplyTo);
  expect(answered).toHaveLength(12);
  expect(answered.filter((command) => command === third.id)).toHaveLength(3);
});

it('a participant that says nothing at all has its step undone, in whatever state that is', async () => {
  const id = await kitchen.start();
  const [command] = await kitchen.commands();
  if (command === undefined) throw new Error('no command went out');
  await pantry.arrives(command);
  expect(await kitchen.sweep(at(25 * HOUR))).toBe(1);
  expect(await kitchen.saga(id)).toMatchObject({
    state: 'COMPENSATING',
    failure: 'STEP_TIMED_OUT',
    inDoubt: command.id,
  });
  const undo = last(await kitchen.commands());
  expect(await pantry.arrives(undo)).toBe('acknowledged');
  expect(await pantry.fillings(jarOf(command))).toBe(0);
  await deliver(last(await pantry.rows()));
  const ended = await kitchen.saga(id);
  expect(ended).toMatchObject({ state: 'COMPENSATED' });
  expect(ended?.inDoubt).toBeUndefined();
});

it('a saga that another replica has turned round meanwhile is not taken forward by what this one remembers of it', async () => {
  const id = await kitchen.start();
  const [command] = await kitchen.commands();
  if (command === undefined) throw new Error('no command went out');
  await pantry.arrives(command);
  await withReplica(async (replica) => {
    expect(await replica.sweep(at(25 * HOUR))).toBe(1);
  });
  const [late] = await pantry.rows();
  if (late === undefined) throw new Error('no reply was sent');
  expect(await deliver(late)).toBe('acknowledged');
  expect(await kitchen.saga(id)).toMatchObject({ state: 'COMPENSATING', inDoubt: command.id });
  expect(await kitchen.commands()).toHaveLength(2);
});

it('replicas take a saga on by turns', async () => {
  await withReplica(async (replica) => {
    const id = await kitchen.start();
    for (const orchestrator of [replica, kitchen]) {
      await pantry.arrives(last(await kitchen.commands()));
      expect(await deliver(last(await pantry.rows()), orchestrator)).toBe('acknowledged');
    }
    expect(await kitchen.saga(id)).toMatchObject({ state: 'COMPLETED', version: 3 });
    expect(await kitchen.commands()).toHaveLength(2);
  });
});
