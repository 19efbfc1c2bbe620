import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connect, headers as natsHeaders, type NatsConnection } from 'nats';
import { pino } from 'pino';
import {
  MessageConsumer,
  messageMetrics,
  NatsBroker,
  subjectOf,
  UndecodableMessage,
  type MessageHandler,
} from '@ftgo/shared-ts/messaging';
import { isUnavailable, postgresDeadLetters, postgresTransactor } from '@ftgo/shared-ts/postgres';
import { createMetrics } from '@ftgo/shared-ts/telemetry';
import { eventually, freshDatabase, type TestDatabase } from '@ftgo/shared-ts/testing';
import { deadLetters } from '../../src/dead-letters/dead-letters';

/** The commands that the kitchen knows. */
export const COOK = 'testapi.Cook';

/** A message as it lies in the broker's stream. */
export interface Stored {
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** What a run of the command gave. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly errors: string[];
}

/**
 * A service that cooks: a command's committed effect is one row in the outbox. Dishes that are `off` can't be cooked, and
 * are set aside at once.
 */
export class Kitchen {
  readonly off = new Set<string>();
  readonly channel = `deadletters.${randomUUID()}`;
  readonly subject = subjectOf(this.channel);
  private readonly consumer: MessageConsumer<undefined>;

  private constructor(
    readonly database: TestDatabase,
    private readonly broker: NatsBroker,
    private readonly nats: NatsConnection,
    private readonly natsUrl: string,
  ) {
    const cook: MessageHandler<undefined> = {
      route: COOK,
      handle: async (_ports, { id, payload, partitionKey }, scope) => {
        const { dish } = payload as { dish: string };
        if (this.off.has(dish))
          throw new UndecodableMessage(`${dish} is off`, { cause: new Error('the oven is cold') });
        scope.publish({
          id: randomUUID(),
          channel: this.channel,
          name: 'testapi.Cooked',
          kind: 'reply',
          partitionKey,
          attributes: { inreplyto: id },
          payload: { dish },
        });
      },
    };
    this.consumer = new MessageConsumer({
      serviceId: 'kitchen-service',
      channels: [this.channel],
      handlers: [cook],
      subscriber: broker,
      transactor: postgresTransactor(database.pool, 'kitchen-service', () => undefined),
      deadLetters: postgresDeadLetters(database.pool),
      isUnavailable,
      logger: pino({ level: 'silent' }),
      metrics: messageMetrics(createMetrics('kitchen-service')),
    });
  }

  static async open(): Promise<Kitchen> {
    const natsUrl = process.env['FTGO_TEST_NATS'];
    if (natsUrl === undefined) throw new Error('FTGO_TEST_NATS is not set: run the tests by `npm test`');
    const logger = pino({ level: 'silent' });
    const [database, broker, nats] = await Promise.all([
      freshDatabase({ shared: ['outbox', 'inbox'], folder: join(__dirname, 'no-migrations') }),
      NatsBroker.connect({ url: natsUrl, serviceId: 'kitchen-service' }, logger),
      connect({ servers: natsUrl }),
    ]);
    const kitchen = new Kitchen(database, broker, nats, natsUrl);
    await kitchen.consumer.start();
    return kitchen;
  }

  async close(): Promise<void> {
    await this.consumer.stop();
    await Promise.all([this.broker.close(), this.nats.close()]);
    await this.database.drop();
  }

  /**
   * @param id one that other tests use, too; the broker must not take it for a duplicate
   * @returns the command's id
   */
  async order(dish: string, id?: string): Promise<string> {
    const ordered = id ?? randomUUID();
    const attributes = {
      'ce-id': ordered,
      'ce-type': COOK,
      'ce-messagekind': 'command',
      'ce-partitionkey': 'table 1',
    };
    await this.send(
      attributes,
      Buffer.from(JSON.stringify({ dish })),
      id === undefined ? ordered : randomUUID(),
    );
    return ordered;
  }

  /** Orders a dish that is off, and waits until the command is set aside. */
  async orderInVain(dish: string, id?: string): Promise<string> {
    this.off.add(dish);
    const ordered = await this.order(dish, id);
    await eventually(async () => expect(await this.waiting()).toContain(ordered));
    return ordered;
  }

  /** Anything goes on the kitchen's subject. */
  async send(
    attributes: Readonly<Record<string, string>>,
    data: Uint8Array,
    messageId?: string,
  ): Promise<void> {
    const headers = natsHeaders();
    for (const [name, value] of Object.entries(attributes)) headers.set(name, value);
    await this.nats.jetstream().publish(this.subject, data, { headers, msgID: messageId });
  }

  /** The ids of the dead letters, the oldest first. */
  async waiting(): Promise<string[]> {
    const { rows } = await this.database.pool.query<{ id: string }>(
      'SELECT message_id AS id FROM dead_letters ORDER BY set_aside_at',
    );
    return rows.map(({ id }) => id);
  }

  /** The dishes that were cooked, in their order. */
  async cooked(): Promise<string[]> {
    const { rows } = await this.database.pool.query<{ dish: string }>(
      "SELECT payload::json->>'dish' AS dish FROM outbox ORDER BY position",
    );
    return rows.map(({ dish }) => dish);
  }

  /** All that was ever sent to the kitchen. */
  async stored(): Promise<Stored[]> {
    const manager = await this.nats.jetstreamManager();
    const { state } = await manager.streams.info('FTGO', { subjects_filter: this.subject });
    const count = state.subjects?.[this.subject] ?? 0;
    const consumer = await this.nats.jetstream().consumers.get('FTGO', { filterSubjects: this.subject });
    const messages: Stored[] = [];
    while (messages.length < count) {
      const message = await consumer.next();
      if (message === null) continue;
      const headers = Object.fromEntries(
        [...(message.headers ?? [])].map(([name, [value]]) => [name, value ?? '']),
      );
      messages.push({ headers, data: message.data });
    }
    return messages;
  }

  /** Runs the command against this kitchen. */
  async run(...args: string[]): Promise<Run> {
    return run(args, { PG_CONN: this.database.url, NATS_URL: this.natsUrl });
  }
}

/** Runs the command with these variables. */
export async function run(args: readonly string[], environ: Readonly<Record<string, string>>): Promise<Run> {
  const out: string[] = [];
  const errors: string[] = [];
  const code = await deadLetters(args, {
    environ,
    print: (text) => out.push(text),
    complain: (line) => errors.push(line),
  });
  return { code, out: out.join('\n'), errors };
}
