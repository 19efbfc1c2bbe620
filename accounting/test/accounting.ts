import { InMemoryDatabase, inMemoryTransactor, tables } from '@ftgo/shared-ts/in-memory';
import { MessageDriver, repliesIn, testApp, testContext, type SentReply } from '@ftgo/shared-ts/testing';
import type { OutboxRow } from '@ftgo/shared-ts';
import { inMemoryPorts } from '../src/adapters/ports';
import { commandHandlers } from '../src/handlers/commands';
import { eventHandlers } from '../src/handlers/events';
import { routes } from '../src/handlers/http';
import type { AccountingPorts } from '../src/application';

/** The accounting service as its neighbours see it, on a database in memory. */
export interface Accounting {
  readonly app: ReturnType<typeof testApp>;
  readonly messages: MessageDriver<AccountingPorts>;
  /** Everything that it has put into its outbox. */
  outbox(): readonly OutboxRow[];
  replies(): SentReply[];
  /** Cents that are authorized for an order now. */
  authorized(orderId: string): Promise<number>;
  /** Stored events, by aggregate. */
  streams(): readonly (readonly { type: string; data: unknown }[])[];
}

export async function startAccounting(): Promise<Accounting> {
  const database = new InMemoryDatabase();
  const transactor = inMemoryTransactor(database, 'accounting-service', inMemoryPorts);
  const messages = new MessageDriver('accounting-service', transactor, [
    ...commandHandlers,
    ...eventHandlers,
  ]);
  await messages.start();
  const outbox = (): readonly OutboxRow[] => database.rows<OutboxRow>(tables.outbox);
  return {
    app: testApp(routes(transactor)),
    messages,
    outbox,
    replies: () => repliesIn(outbox()),
    authorized: async (orderId) => {
      const { state } = await transactor.execute(testContext(), (ports) =>
        ports.authorizations.load(orderId),
      );
      return state.status === 'Authorized' ? state.total : 0;
    },
    streams: () => database.rows(tables.events),
  };
}
