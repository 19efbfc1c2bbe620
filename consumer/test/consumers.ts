import { InMemoryDatabase, inMemoryTransactor, tables } from '@ftgo/shared-ts/in-memory';
import { eventsIn, MessageDriver, repliesIn, testApp, type SentReply } from '@ftgo/shared-ts/testing';
import type { OutboxRow } from '@ftgo/shared-ts';
import { inMemoryPorts } from '../src/adapters/ports';
import type { ConsumerPorts } from '../src/application';
import { commandHandlers } from '../src/handlers/commands';
import { routes } from '../src/handlers/http';

/** The consumer service as its neighbours see it, on a database in memory. */
export interface Consumers {
  readonly app: ReturnType<typeof testApp>;
  readonly messages: MessageDriver<ConsumerPorts>;
  /** Everything that it has put into its outbox. */
  outbox(): readonly OutboxRow[];
  replies(): SentReply[];
  published(): ReturnType<typeof eventsIn>;
}

export async function startConsumers(): Promise<Consumers> {
  const database = new InMemoryDatabase();
  const transactor = inMemoryTransactor(database, 'consumer-service', inMemoryPorts);
  const messages = new MessageDriver('consumer-service', transactor, commandHandlers);
  await messages.start();
  const outbox = (): readonly OutboxRow[] => database.rows<OutboxRow>(tables.outbox);
  return {
    app: testApp(routes(transactor)),
    messages,
    outbox,
    replies: () => repliesIn(outbox()),
    published: () => eventsIn(outbox()),
  };
}
