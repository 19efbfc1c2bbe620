import { Rejection } from '../domain';
import { ConcurrencyConflict } from '../event-sourcing';
import type { Transactor } from '../unit-of-work';
import type { Logger } from '../telemetry';
import { headersByName, type Delivery, type Subscriber, type Subscription } from './broker';
import { decode, isStorableId, UndecodableMessage } from './decode';
import { reasonFor, type DeadLetters } from './dead-letters';
import type { IncomingMessage } from './message';
import { MessageHandling } from './message-handling';
import type { MessageMetrics } from './metrics';
import { NotYetKnown, type MessageHandler } from './router';
import { durableOf, subjectOf } from './subjects';

/** How many messages become one transaction at most. */
const BATCH_SIZE = 100;
/** A message that fails this often is set aside. */
const MAX_ATTEMPTS = 5;
/** How often a message that met another writer is decided again at once, before that counts as a failure. */
const MAX_CONFLICTS = 10;
const FIRST_DELAY = 200;
const MAX_DELAY = 30_000;
const UNAVAILABLE_PAUSE = 1_000;
/** How often the broker hears that what was taken is still here, in milliseconds; well below its patience of 30 seconds. */
const STILL_HERE = 10_000;

export interface ConsumerOptions<Ports> {
  /** The service's id: the durable consumers' prefix and the inbox's consumer. */
  readonly serviceId: string;
  /** Channels to listen to; a wildcard is allowed. */
  readonly channels: readonly string[];
  readonly handlers: readonly MessageHandler<Ports>[];
  readonly subscriber: Subscriber;
  readonly transactor: Transactor<Ports>;
  readonly deadLetters: DeadLetters;
  /** True for errors that say that the database is away: then messages wait, and nothing counts as a try. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly logger: Logger;
  readonly metrics: MessageMetrics;
}

interface Job {
  readonly delivery: Delivery;
  readonly message: IncomingMessage;
}

/**
 * Takes a service's messages and handles what is waiting as one batch in one transaction: inbox rows, effects and outgoing messages commit
 * together, and the messages are acknowledged after that. Within a batch, messages of one partition key run in order and different keys side by
 * side. When a batch fails it is rolled back and its messages run one by one, so that one bad message harms no other.
 */
export class MessageConsumer<Ports> {
  private readonly handling: MessageHandling<Ports>;
  private readonly queue: Delivery[] = [];
  private batch: readonly Delivery[] = [];
  private subscriptions: Subscription[] = [];
  private working: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: ConsumerOptions<Ports>) {
    this.handling = new MessageHandling(options.serviceId, options.handlers, options.transactor);
  }

  async start(): Promise<void> {
    const { serviceId, channels, subscriber } = this.options;
    // Called again after a failure, it goes on where it was.
    for (const channel of channels.slice(this.subscriptions.length)) {
      this.subscriptions.push(
        await subscriber.subscribe({
          durable: durableOf(serviceId, channel),
          subject: subjectOf(channel),
          maxInFlight: 2 * BATCH_SIZE,
          onDelivery: (delivery) => this.take(delivery),
        }),
      );
    }
  }

  /** The channels that no messages come from: not subscribed to yet, or the subscription was lost and is not there again. */
  missingChannels(): readonly string[] {
    return this.options.channels.filter((_channel, index) => this.subscriptions[index]?.down ?? true);
  }

  /** Stops taking messages and finishes the batch under way; what only waited is delivered again elsewhere. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    for (const delivery of this.queue.splice(0)) delivery.nak();
    await this.working;
  }

  private take(delivery: Delivery): void {
    if (this.stopped) return delivery.nak();
    this.queue.push(delivery);
    this.working ??= this.work();
  }

  private async work(): Promise<void> {
    // Messages wait in the queue, or all together for the database: the broker must not take them for lost.
    const stillHere = setInterval(() => {
      for (const delivery of [...this.batch, ...this.queue]) delivery.working();
    }, STILL_HERE);
    try {
      // Let the deliveries of this turn of the event loop come in first: they make one batch.
      await new Promise(setImmediate);
      while (this.queue.length > 0) {
        this.batch = this.queue.splice(0, BATCH_SIZE);
        await this.handleBatch(this.batch);
      }
    } finally {
      clearInterval(stillHere);
      this.batch = [];
      // In the same turn as the last look at the queue: nothing comes in between and stays there.
      this.working = undefined;
    }
  }

  private async handleBatch(deliveries: readonly Delivery[]): Promise<void> {
    const jobs: Job[] = [];
    for (const delivery of deliveries) {
      const job = await this.open(delivery);
      if (job !== undefined) jobs.push(job);
    }
    // What was delivered before may be what ended the process: it runs alone, after the others.
    const first: Job[] = [];
    const again: Job[] = [];
    for (const job of jobs) (job.delivery.deliveryCount > 1 ? again : first).push(job);
    if (first.length > 0 && !(await this.handleTogether(first))) {
      for (const job of first) await this.handleAlone(job);
    }
    for (const job of again) await this.handleAlone(job);
  }

  /** Reads a delivery; what can't be read is set aside, and events that nobody here listens to are done with. */
  private async open(delivery: Delivery): Promise<Job | undefined> {
    try {
      const message = decode(delivery);
      if (this.handling.handles(message)) return { delivery, message };
      if (message.kind !== 'event') throw new UndecodableMessage(`nobody here handles ${message.name}`);
      delivery.ack();
    } catch (error) {
      await this.setAside(delivery, error, 1);
    }
    return undefined;
  }

  /** @returns false when the batch was rolled back */
  private async handleTogether(jobs: readonly Job[]): Promise<boolean> {
    const started = process.hrtime.bigint();
    try {
      await this.handling.together(messagesOf(jobs));
    } catch (error) {
      if (jobs.length > 1)
        this.options.logger.debug({ err: error, messages: jobs.length }, 'a batch failed; one by one');
      return false;
    }
    for (const { delivery } of jobs) delivery.ack();
    this.observe(jobs, 'success', started);
    return true;
  }

  /** One message in a transaction of its own, with its failures counted. */
  private async handleAlone(job: Job): Promise<void> {
    const { delivery, message } = job;
    const { deadLetters, serviceId, logger } = this.options;
    const started = process.hrtime.bigint();
    // Tries before this one.
    let earlier = 0;
    let conflicts = 0;
    for (;;) {
      try {
        // Counted before the try, for a message whose handling ends the process; only what was delivered before can be one.
        if (earlier === 0 && delivery.deliveryCount > 1) {
          earlier = await deadLetters.countAttempt(serviceId, message.id);
          if (earlier >= MAX_ATTEMPTS) {
            const error = new Error('it ended the process each time');
            return await this.setAside(delivery, error, earlier, message);
          }
        }
        await this.handling.alone(message);
        delivery.ack();
        return this.observe([job], 'success', started);
      } catch (error) {
        if (this.options.isUnavailable(error)) {
          if (this.stopped) return delivery.nak();
          logger.warn({ err: error }, 'the database is away; messages wait');
          await new Promise((resolve) => setTimeout(resolve, UNAVAILABLE_PAUSE));
          continue;
        }
        if (error instanceof ConcurrencyConflict && ++conflicts < MAX_CONFLICTS) continue;
        this.observe([job], error instanceof NotYetKnown ? 'not_yet_known' : 'fault', started);
        return this.failed(job, error, earlier + 1);
      }
    }
  }

  private async failed({ delivery, message }: Job, error: unknown, attempts: number): Promise<void> {
    const { logger } = this.options;
    if (error instanceof NotYetKnown) return delivery.nak(backoff(delivery.deliveryCount));
    const poison = error instanceof UndecodableMessage || error instanceof Rejection;
    if (poison || attempts >= MAX_ATTEMPTS) return this.setAside(delivery, error, attempts, message);
    const delay = backoff(delivery.deliveryCount);
    logger.error(
      { err: error, ...fieldsOf(message), attempts, delay },
      'a message failed and is tried again',
    );
    delivery.nak(delay);
  }

  private async setAside(
    delivery: Delivery,
    error: unknown,
    attempts: number,
    message?: IncomingMessage,
  ): Promise<void> {
    const { deadLetters, serviceId, logger, metrics, isUnavailable } = this.options;
    const messageId = message?.id ?? idOf(delivery);
    try {
      await deadLetters.add({
        consumer: serviceId,
        messageId,
        subject: delivery.subject,
        headers: headersByName(delivery.headers),
        payload: delivery.data,
        error: reasonFor(error),
        attempts,
        streamSequence: delivery.streamSequence,
      });
    } catch (failure) {
      if (!isUnavailable(failure))
        logger.error({ err: failure, messageId }, 'a dead letter could not be kept');
      return delivery.nak(MAX_DELAY);
    }
    metrics.deadLetters.inc({ message: message?.name ?? 'undecodable' });
    logger.error(
      {
        err: error,
        messageId,
        ...(message && fieldsOf(message)),
        subject: delivery.subject,
        attempts,
      },
      'a message was set aside as a dead letter',
    );
    delivery.ack();
  }

  private observe(jobs: readonly Job[], outcome: string, started: bigint): void {
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    for (const { message } of jobs) {
      this.options.metrics.handling.observe({ message: message.name, kind: message.kind, outcome }, seconds);
    }
  }
}

function messagesOf(jobs: readonly Job[]): IncomingMessage[] {
  const messages: IncomingMessage[] = [];
  for (const { message } of jobs) messages.push(message);
  return messages;
}

/** What a log line about a message carries. */
const fieldsOf = ({ id, name, context }: IncomingMessage) => ({
  correlationId: context.correlationId,
  messageId: id,
  message: name,
});

/** Under which id a message is set aside that could not be read: its own, where it has one. */
function idOf({ headers, subject, streamSequence }: Delivery): string {
  const id = headersByName(headers)['ce-id'] ?? '';
  return isStorableId(id) ? id : `${subject.slice(0, 200)}#${streamSequence}`;
}

const backoff = (attempt: number): number => Math.min(FIRST_DELAY * 2 ** (attempt - 1), MAX_DELAY);
