import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, connect, DeliverPolicy, nanos, type NatsConnection } from 'nats';
import { natsAddress } from '@ftgo/shared-ts/messaging';

const streamName = 'FTGO';
/** A consumer that leaves no files, which a server may fail to delete while it writes them. */
const temporary = { inactive_threshold: nanos(60_000), mem_storage: true };
const batch = 1000;
/** How long a fetch may take, in milliseconds. */
const fetchMs = 5_000;
/** Between two looks at whether anything goes on, in milliseconds. */
const quietMs = 100;

/** A message as the broker keeps it. */
export interface StoredMessage {
  readonly id: string;
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly data: Uint8Array;
  /** When the broker took it, in milliseconds since 1970, with a fraction. */
  readonly storedAt: number;
}

/** The fleet's stream as the bench looks at it: from outside, and never while something is timed. */
export class StreamView {
  private constructor(readonly connection: NatsConnection) {}

  static async open(natsUrl: string): Promise<StreamView> {
    return new StreamView(await connect({ ...natsAddress(natsUrl), name: 'bench' }));
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** The number of the last message; how many there were between two looks is the difference. */
  async lastSequence(): Promise<number> {
    const manager = await this.connection.jetstreamManager();
    return (await manager.streams.info(streamName)).state.last_seq;
  }

  /** Waits until services have nothing to handle and nothing new comes: two looks, a moment apart, that see the same. */
  async untilQuiet(): Promise<void> {
    for (
      let before: number | undefined, now = await this.idleAt();
      ;
      before = now, now = await this.idleAt()
    ) {
      if (now !== undefined && now === before) return;
      await sleep(quietMs);
    }
  }

  /** How many messages there are on a subject after one number, up to and including another. */
  async countOn(subject: string, after: number, upTo: number): Promise<number> {
    return (await this.pending(subject, after)) - (await this.pending(subject, upTo));
  }

  /** The messages after one number, up to and including another. */
  async messages(after: number, upTo: number): Promise<StoredMessage[]> {
    const manager = await this.connection.jetstreamManager();
    const { name } = await manager.consumers.add(streamName, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: after + 1,
      ...temporary,
    });
    const consumer = await this.connection.jetstream().consumers.get(streamName, name);
    const found: StoredMessage[] = [];
    while (found.length < upTo - after) {
      const wanted = Math.min(batch, upTo - after - found.length);
      const before = found.length;
      for await (const message of await consumer.fetch({ max_messages: wanted, expires: fetchMs })) {
        const headers = [...(message.headers ?? [])].map(([key, values]) => [key, values[0] ?? ''] as const);
        found.push({
          id: message.headers?.get('Nats-Msg-Id') ?? '',
          subject: message.subject,
          headers,
          data: message.data,
          storedAt: message.info.timestampNanos / 1e6,
        });
      }
      if (found.length === before)
        throw new Error('the broker no longer has all messages of the measurement');
    }
    await manager.consumers.delete(streamName, name);
    return found;
  }

  /** The number of the last message when all consumers have handled all messages, else nothing. */
  private async idleAt(): Promise<number | undefined> {
    const manager = await this.connection.jetstreamManager();
    const last = await this.lastSequence();
    for await (const consumer of manager.consumers.list(streamName))
      if (consumer.num_pending > 0 || consumer.num_ack_pending > 0) return undefined;
    return last;
  }

  /** A consumer knows from its making on how many messages wait for it. */
  private async pending(subject: string, after: number): Promise<number> {
    const manager = await this.connection.jetstreamManager();
    const { name, num_pending } = await manager.consumers.add(streamName, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: after + 1,
      filter_subject: subject,
      ...temporary,
    });
    await manager.consumers.delete(streamName, name);
    return num_pending;
  }
}
