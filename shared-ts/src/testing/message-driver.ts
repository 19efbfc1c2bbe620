import { pino } from 'pino';
import { newId } from '../ids';
import {
  channelOf,
  headerList,
  MessageConsumer,
  messageMetrics,
  subjectOf,
  type DeadLetter,
  type Delivery,
  type MessageHandler,
  type MessageType,
  type Outcome,
  type OutboxRow,
  type PayloadOf,
  type Subscriber,
} from '../messaging';
import { createMetrics } from '../telemetry';
import type { Transactor } from '../unit-of-work';

/** What became of a delivery. */
export type Settlement = 'acknowledged' | 'sent back' | 'set aside';

/** How a message arrives; all fields are optional. */
export interface Arrival {
  readonly id?: string;
  readonly partitionKey?: string;
  /** 1 at first, more when the broker delivers again. */
  readonly deliveryCount?: number;
  readonly correlationId?: string;
}

/** A reply that a service put into its outbox. */
export interface SentReply {
  readonly name: string;
  readonly outcome: Outcome;
  readonly inReplyTo: string;
  readonly payload: unknown;
}

/**
 * Drives a service's message handlers through the real consumer (decoding, inbox, batches, replies), with a broker that is this object. Each call resolves
 * when the message is settled.
 */
export class MessageDriver<Ports> {
  readonly deadLetters: DeadLetter[] = [];
  private readonly attempts = new Map<string, number>();
  private readonly consumer: MessageConsumer<Ports>;
  private deliver: (delivery: Delivery) => void = () => {
    throw new Error('the driver is not started');
  };
  private sequence = 0;

  constructor(serviceId: string, transactor: Transactor<Ports>, handlers: readonly MessageHandler<Ports>[]) {
    const subscriber: Subscriber = {
      connected: true,
      subscribe: async ({ onDelivery }) => {
        this.deliver = onDelivery;
        return { down: false, stop: async () => undefined };
      },
    };
    this.consumer = new MessageConsumer({
      serviceId,
      channels: ['any'],
      handlers,
      subscriber,
      transactor,
      deadLetters: {
        countAttempt: async (_consumer, id) => {
          const count = (this.attempts.get(id) ?? 0) + 1;
          this.attempts.set(id, count);
          return count;
        },
        add: async (letter) => void this.deadLetters.push(letter),
      },
      isUnavailable: () => false,
      logger: pino({ level: 'silent' }),
      metrics: messageMetrics(createMetrics(serviceId)),
    });
  }

  start(): Promise<void> {
    return this.consumer.start();
  }

  stop(): Promise<void> {
    return this.consumer.stop();
  }

  /** An aggregate's event arrives. */
  event<T extends MessageType & { readonly channel: string }>(
    type: T,
    aggregate: { readonly id: string; readonly version: number },
    payload: PayloadOf<T>,
    arrival: Arrival = {},
  ): Promise<Settlement> {
    const headers = {
      'ce-subject': aggregate.id,
      'ce-sequence': String(aggregate.version),
      'ce-partitionkey': arrival.partitionKey ?? aggregate.id,
    };
    return this.send(type.channel, type.name, 'event', headers, payload, arrival);
  }

  /** A saga's command arrives; its reply goes to `test.Saga.reply`. */
  command<T extends MessageType & { readonly channel: string }>(
    type: T,
    payload: PayloadOf<T>,
    arrival: Arrival & {
      readonly sagaId?: string;
      readonly attributes?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Settlement> {
    const sagaId = arrival.sagaId ?? newId();
    const headers: Record<string, string> = {
      'ce-sagaid': sagaId,
      'ce-saganame': 'test.Saga',
      'ce-replyto': 'test.Saga.reply',
      'ce-partitionkey': arrival.partitionKey ?? sagaId,
    };
    for (const [name, value] of Object.entries(arrival.attributes ?? {})) headers[`ce-${name}`] = value;
    return this.send(type.channel, type.name, 'command', headers, payload, arrival);
  }

  /**
   * The reply to a saga's command arrives.
   * @param command as its saga put it into the outbox
   */
  reply(
    command: OutboxRow,
    { outcome, name, payload }: Omit<SentReply, 'inReplyTo'>,
    arrival: Arrival = {},
  ): Promise<Settlement> {
    const headers = {
      'ce-sagaid': command.headers['ce-sagaid'] ?? '',
      'ce-saganame': command.headers['ce-saganame'] ?? '',
      'ce-inreplyto': command.id,
      'ce-outcome': outcome,
      'ce-partitionkey': command.partitionKey,
    };
    return this.send(command.headers['ce-replyto'] ?? '', name, 'reply', headers, payload, arrival);
  }

  /** Anything arrives, well-formed or not. */
  raw(
    subject: string,
    headers: Readonly<Record<string, string>>,
    data: Uint8Array,
    deliveryCount = 1,
  ): Promise<Settlement> {
    const before = this.deadLetters.length;
    this.sequence += 1;
    const streamSequence = this.sequence;
    return new Promise((resolve) => {
      this.deliver({
        subject,
        headers: headerList(headers),
        data,
        deliveryCount,
        streamSequence,
        ack: () => resolve(this.deadLetters.length > before ? 'set aside' : 'acknowledged'),
        nak: () => resolve('sent back'),
        working: () => undefined,
      });
    });
  }

  private send(
    channel: string,
    name: string,
    kind: string,
    headers: Readonly<Record<string, string>>,
    payload: unknown,
    { id = newId(), correlationId = newId(), deliveryCount }: Arrival,
  ): Promise<Settlement> {
    return this.raw(
      subjectOf(channel),
      {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': id,
        'ce-type': name,
        'ce-messagekind': kind,
        'ce-source': '/ftgo/test',
        'ce-time': new Date().toISOString(),
        'ce-correlationid': correlationId,
        'ce-causationid': correlationId,
        ...headers,
      },
      Buffer.from(JSON.stringify(payload)),
      deliveryCount,
    );
  }
}

/** The replies among outbox rows, in their order. */
export const repliesIn = (rows: readonly OutboxRow[]): SentReply[] =>
  rows
    .filter((row) => row.headers['ce-messagekind'] === 'reply')
    .map((row) => ({
      name: row.headers['ce-type'] ?? '',
      outcome: row.headers['ce-outcome'] === 'SUCCESS' ? 'SUCCESS' : 'FAILURE',
      inReplyTo: row.headers['ce-inreplyto'] ?? '',
      payload: JSON.parse(row.payload) as unknown,
    }));

/** The commands among outbox rows, in their order. */
export const commandsIn = (rows: readonly OutboxRow[]): OutboxRow[] =>
  rows.filter((row) => row.headers['ce-messagekind'] === 'command');

/** The events among outbox rows, in their order. */
export const eventsIn = (
  rows: readonly OutboxRow[],
): { channel: string; name: string; id: string; version: number; payload: unknown }[] =>
  rows
    .filter((row) => row.headers['ce-messagekind'] === 'event')
    .map((row) => ({
      channel: channelOf(row.channel),
      name: row.headers['ce-type'] ?? '',
      id: row.headers['ce-subject'] ?? '',
      version: Number(row.headers['ce-sequence']),
      payload: JSON.parse(row.payload) as unknown,
    }));
