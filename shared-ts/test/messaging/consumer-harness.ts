import { pino } from 'pino';
import { z } from 'zod';
import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor } from '../../src/in-memory';
import {
  headerList,
  MessageConsumer,
  messageMetrics,
  onCommand,
  onEvent,
  type DeadLetter,
  type Delivery,
  type MessageHandler,
  type OutboxRow,
  type Received,
  type Subscriber,
} from '../../src/messaging';
import { isUnavailable } from '../../src/postgres';
import { createMetrics } from '../../src/telemetry';
import type { Transactor } from '../../src/unit-of-work';
import { added, inMemoryPorts, type TestPorts } from '../unit-of-work/test-ports';

export const Add = {
  name: 'testapi.Add',
  kind: 'command' as const,
  channel: 'testservice',
  payload: z.object({ tallyId: z.string(), amount: z.number() }),
};
export const Happened = {
  name: 'testapi.Happened',
  kind: 'event' as const,
  channel: 'testservice.Thing',
  payload: z.object({ label: z.string() }),
};

/** Adds to a tally; an amount of -1 is a message whose handling fails every time. */
export const addToTally = onCommand<TestPorts, typeof Add>(Add, async ({ tallies }, { payload }) => {
  await tallies.update(payload.tallyId, () => [added(payload.amount)]);
  if (payload.amount === -1) throw new Error('poison');
});

export const onHappened = (
  handle: (ports: TestPorts, event: Received<typeof Happened>) => Promise<void>,
): MessageHandler<TestPorts> => onEvent<TestPorts, typeof Happened>(Happened, handle);

/** A promise that somebody else resolves. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** A delivery by hand, and what the consumer did with it. */
export interface HandDelivery extends Delivery {
  readonly calls: string[];
  readonly settled: Promise<string>;
}

export function happened(
  label: string,
  overrides: Partial<Delivery> & { readonly key?: string } = {},
): HandDelivery {
  const calls: string[] = [];
  let settle: (how: string) => void = () => undefined;
  const settled = new Promise<string>((resolve) => (settle = resolve));
  const call = (how: string): void => {
    calls.push(how);
    if (how !== 'working') settle(how);
  };
  return {
    subject: 'ftgo.testservice.Thing',
    headers: headerList({
      'ce-id': newId(),
      'ce-type': Happened.name,
      'ce-messagekind': 'event',
      'ce-partitionkey': overrides.key ?? 'key',
    }),
    data: Buffer.from(JSON.stringify({ label })),
    deliveryCount: 1,
    streamSequence: 1,
    ack: () => call('ack'),
    nak: (delay) => call(delay === undefined ? 'nak' : `nak ${delay}`),
    working: () => call('working'),
    ...overrides,
    calls,
    settled,
  };
}

/** A consumer whose broker, database and dead letters are in the test's hands. */
export class ConsumerHarness {
  readonly database = new InMemoryDatabase();
  readonly deadLetters: DeadLetter[] = [];
  readonly subscribed: string[] = [];
  /** Durable names of subscriptions that are lost. */
  readonly down = new Set<string>();
  /** How often a message was counted before. */
  attemptsSoFar = 0;
  countedAttempts = 0;
  transactions = 0;
  /** Thrown by the next transactions, one each. */
  readonly failures: Error[] = [];
  /** Thrown by the next subscriptions, one each. */
  readonly subscriptionFailures: Error[] = [];
  deadLettersFail: Error | undefined;
  readonly metrics = createMetrics('test-service');
  readonly consumer: MessageConsumer<TestPorts>;
  private deliver: (delivery: Delivery) => void = () => undefined;

  constructor(
    handlers: readonly MessageHandler<TestPorts>[],
    channels: readonly string[] = ['testservice.Thing'],
  ) {
    const inner = inMemoryTransactor(this.database, 'test-service', inMemoryPorts);
    const transactor: Transactor<TestPorts> = {
      ...inner,
      transaction: (work) => {
        this.transactions += 1;
        const failure = this.failures.shift();
        return failure === undefined ? inner.transaction(work) : Promise.reject(failure);
      },
    };
    const subscriber: Subscriber = {
      connected: true,
      subscribe: async ({ durable, onDelivery }) => {
        const { down } = this;
        const failure = this.subscriptionFailures.shift();
        if (failure !== undefined) throw failure;
        this.subscribed.push(durable);
        this.deliver = onDelivery;
        return {
          stop: async () => undefined,
          get down() {
            return down.has(durable);
          },
        };
      },
    };
    this.consumer = new MessageConsumer({
      serviceId: 'test-service',
      channels,
      handlers,
      subscriber,
      transactor,
      deadLetters: {
        countAttempt: async () => {
          this.countedAttempts += 1;
          return this.attemptsSoFar + 1;
        },
        add: async (letter) => {
          if (this.deadLettersFail !== undefined) throw this.deadLettersFail;
          this.deadLetters.push(letter);
        },
      },
      isUnavailable,
      logger: pino({ level: 'silent' }),
      metrics: messageMetrics(this.metrics),
    });
  }

  /** Hands deliveries over in one turn of the event loop. @returns how each was settled */
  async arrive(...deliveries: readonly HandDelivery[]): Promise<string[]> {
    for (const delivery of deliveries) this.deliver(delivery);
    return Promise.all(deliveries.map(({ settled }) => settled));
  }

  outbox(): readonly OutboxRow[] {
    return this.database.rows<OutboxRow>('outbox');
  }
}
