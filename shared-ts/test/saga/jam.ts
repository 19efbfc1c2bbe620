import { pino } from 'pino';
import { z } from 'zod';
import { newId } from '../../src/ids';
import { onCommand, onEvent, type OutboxRow } from '../../src/messaging';
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
import { commandsIn, freshDatabase, MessageDriver, testContext, type TestDatabase } from '../../src/testing';
import { added, postgresPorts, sharedSchema, type TestPorts } from '../unit-of-work/test-ports';

/** Starts a saga; its aggregate is the jar. */
export const JarBought = {
  name: 'pantry.JarBought',
  kind: 'event',
  channel: 'pantry.Jar',
  payload: z.object({ sagaId: z.guid() }),
} as const;

export const Fill = {
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

export const HOUR = 3_600_000;
const noon = Date.parse('2030-01-01T12:00:00.000Z');
export const at = (milliseconds: number): Date => new Date(noon + milliseconds);

const outboxOf = async ({ pool }: TestDatabase): Promise<OutboxRow[]> => {
  const { rows } = await pool.query<OutboxRow>(
    `SELECT id, channel, partition_key AS "partitionKey", headers, payload::text AS payload FROM outbox ORDER BY position`,
  );
  return rows;
};

/** The service that orchestrates; its clock stands still at noon for replies. */
export class Orchestrator {
  readonly messages: MessageDriver<Sagas>;
  private readonly transactor;
  private readonly sweeper;

  constructor(readonly database: TestDatabase) {
    const metrics = sagaMetrics(createMetrics('kitchen-service'));
    const ports: PostgresPorts<Sagas> = (scope) => sagasOf(scope, metrics, () => at(0));
    this.transactor = postgresTransactor(database.pool, 'kitchen-service', ports);
    this.messages = new MessageDriver('kitchen-service', this.transactor, [
      sagaReplies<Sagas, { jar: string }>(jamSaga, metrics, () => at(0)),
      onEvent<Sagas, typeof JarBought>(JarBought, (sagas, { payload, attributes }) =>
        sagas.start(jamSaga, payload.sagaId, { jar: attributes['subject'] ?? '' }),
      ),
    ]);
    const logger = pino({ level: 'silent' });
    this.sweeper = new SagaSweeper([jamSaga], this.transactor, metrics, logger, 24 * HOUR);
  }

  async start(): Promise<string> {
    const id = newId();
    await this.transactor.execute(testContext(), (sagas) => sagas.start(jamSaga, id, { jar: newId() }));
    return id;
  }

  /** A reply arrives. */
  arrives(reply: OutboxRow): Promise<unknown> {
    return this.messages.raw(`ftgo.${reply.channel}`, reply.headers, Buffer.from(reply.payload));
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
export class Pantry {
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

export const last = <Row>(rows: readonly Row[]): Row => {
  const row = rows.at(-1);
  if (row === undefined) throw new Error('there is none');
  return row;
};
export const jarOf = (command: OutboxRow): string => Fill.payload.parse(JSON.parse(command.payload)).jar;

/** A saga of one service and a participant of another, each on its own database; the broker between them is the test's own hand. Made anew for each test. */
export function jamServices(): { kitchen: Orchestrator; pantry: Pantry } {
  const services = {} as { kitchen: Orchestrator; pantry: Pantry };
  beforeEach(async () => {
    services.kitchen = new Orchestrator(await freshDatabase(sharedSchema));
    services.pantry = new Pantry(await freshDatabase(sharedSchema));
    await Promise.all([services.kitchen.messages.start(), services.pantry.messages.start()]);
  });
  afterEach(async () => {
    const both = [services.kitchen, services.pantry];
    await Promise.all(both.map(({ messages }) => messages.stop()));
    await Promise.all(both.map(({ database }) => database.drop()));
  });
  return services;
}
