import {
  AckPolicy,
  connect,
  DeliverPolicy,
  DiscardPolicy,
  Events,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
  type ConnectionOptions,
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
} from 'nats';
import { atMost } from '../process';
import type { Logger } from '../telemetry';
import {
  PublishError,
  type BrokerMessage,
  type ConsumerLag,
  type Publisher,
  type StreamDuty,
  type Subscriber,
  type Subscription,
} from './broker';
import { keepSubscribed } from './kept-subscription';
import { natsAddress } from './nats-address';
import { NatsAcknowledgements } from './nats-acknowledgements';
import { NatsDelivery } from './nats-delivery';
import { NatsPublications, NotStored } from './nats-publications';
import { STREAM, SUBJECT_PREFIX } from './subjects';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** How the fleet's stream is kept. */
const streamConfig = {
  name: STREAM,
  subjects: [`${SUBJECT_PREFIX}>`],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  max_age: nanos(7 * DAY),
  max_bytes: 4 * 1024 ** 3,
  // The broker keeps the ids of all this time in memory. Later duplicates are dropped by the inboxes, which remember for two weeks.
  duplicate_window: nanos(2 * MINUTE),
  num_replicas: 1,
};

/** How long the broker waits for an acknowledgement before it delivers again. */
const ACK_WAIT = 30 * SECOND;
const PUBLISH_TIMEOUT = 5 * SECOND;
const RETRY_PAUSE = 500;
/** How long a broker that does not answer may hold up the end of a process, in milliseconds. */
const FLUSH_TIMEOUT = 1_000;
/** How long the server gets to remove a deleted stream's files, in milliseconds. */
const REMOVAL_PAUSE = 1_000;

/** NATS JetStream behind the ports Publisher and Subscriber: the adapter that knows the client library. */
export class NatsBroker implements Publisher, Subscriber {
  private readonly jetStream: JetStreamClient;
  private readonly publications: NatsPublications;
  private readonly acknowledgements: NatsAcknowledgements;
  private up = true;
  private reported: string | undefined;
  private closing = false;
  private streamAttempt: Promise<void> | undefined;
  private hadStream = false;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly logger: Logger,
    private readonly duty: StreamDuty,
    inboxPrefix: string | undefined,
  ) {
    this.jetStream = connection.jetstream({ timeout: PUBLISH_TIMEOUT });
    this.acknowledgements = new NatsAcknowledgements(connection);
    this.publications = new NatsPublications(connection, PUBLISH_TIMEOUT, inboxPrefix);
    void this.watch();
  }

  /**
   * Connects as the user that the URL names, waiting for a server that is not up yet (unless `wait` is false, until
   * `signal`), and sees to the stream, in full if no `stream` is given.
   *
   * @throws NatsError when the server refuses the user, or the stream is missing and others make it
   */
  static async connect(
    options: { url: string; serviceId: string; wait?: boolean; signal?: AbortSignal; stream?: StreamDuty },
    logger: Logger,
  ): Promise<NatsBroker> {
    const settings: ConnectionOptions = {
      ...natsAddress(options.url),
      name: options.serviceId,
      maxReconnectAttempts: -1,
      // Passwords may be changed in any order: a refusal is no reason to give up for ever.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      pingInterval: 10 * SECOND,
      maxPingOut: 2,
      ignoreClusterUpdates: true,
      // A stack trace for each request, for messages of errors only.
      noAsyncTraces: true,
    };
    const { wait = true, signal } = options;
    const connection = await dial(settings, () => wait && !signal?.aborted, logger);
    const broker = new NatsBroker(connection, logger, options.stream ?? 'maintain', settings.inboxPrefix);
    try {
      await broker.ensureStream();
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  get connected(): boolean {
    return this.up && !this.connection.isClosed();
  }

  async publish(message: BrokerMessage): Promise<void> {
    // While it reconnects the client would buffer, and drop what it buffered: say no instead.
    if (!this.connected) throw new PublishError('the broker is not connected', false);
    try {
      await this.publications.publish(message);
    } catch (error) {
      throw error instanceof NotStored ? await this.explain(error, message) : error;
    }
  }

  async subscribe(options: Parameters<Subscriber['subscribe']>[0]): Promise<Subscription> {
    const { durable, subject, maxInFlight, onDelivery } = options;
    const consume = async (): Promise<ConsumerMessages> => {
      // What ended may have been the stream's end.
      await this.ensureStream();
      const manager = await this.manager();
      await manager.consumers.add(STREAM, {
        durable_name: durable,
        filter_subject: subject,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ACK_WAIT),
        deliver_policy: DeliverPolicy.All,
        max_ack_pending: Math.max(1_000, maxInFlight * 4),
        max_deliver: -1,
      });
      const consumer = await this.jetStream.consumers.get(STREAM, durable);
      return consumer.consume({
        max_messages: maxInFlight,
        abort_on_missing_resource: true,
        callback: (message) => onDelivery(new NatsDelivery(message, this.acknowledgements)),
      });
    };
    return keepSubscribed(consume, () => this.closing, this.logger.child({ durable }));
  }

  /** What every durable consumer of the stream has still to do. */
  async consumerLags(): Promise<readonly ConsumerLag[]> {
    const manager = await this.manager();
    const lags: ConsumerLag[] = [];
    for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(STREAM)) {
      lags.push({ consumer: name, waiting: num_pending, unacknowledged: num_ack_pending });
    }
    return lags;
  }

  /**
   * Sends what is buffered and closes. A broker that does not answer is not waited for long, since there is more to be done before the
   * process ends: what it did not get is published or delivered again.
   */
  async close(): Promise<void> {
    this.closing = true;
    if (this.connection.isClosed()) return;
    this.acknowledgements.flush();
    if (this.up) await atMost(FLUSH_TIMEOUT, this.connection.flush());
    await this.connection.close();
    this.publications.close();
  }

  /** Sees to the stream as far as it is this process's duty; one try at a time, however many messages ask for it. */
  private ensureStream(): Promise<void> {
    if (this.streamAttempt !== undefined) return this.streamAttempt;
    const attempt = this.makeStream()
      .then(() => void (this.hadStream = true))
      .finally(() => {
        // After a reconnect there may be another one.
        if (this.streamAttempt === attempt) this.streamAttempt = undefined;
      });
    this.streamAttempt = attempt;
    return attempt;
  }

  private async makeStream(): Promise<void> {
    const manager = await this.manager();
    try {
      const info = await manager.streams.info(STREAM);
      const { max_age, max_bytes, duplicate_window } = streamConfig;
      const { config } = info;
      if (
        config.max_age === max_age &&
        config.max_bytes === max_bytes &&
        config.duplicate_window === duplicate_window
      ) {
        return;
      }
      if (this.duty !== 'maintain') return;
      await manager.streams.update(STREAM, { ...config, max_age, max_bytes, duplicate_window });
    } catch (error) {
      if (!(error instanceof NatsError) || error.api_error?.code !== 404 || this.duty === 'use') throw error;
      // Subscribers hear of a deletion before it is done, and what is left of it removes the files of a stream that is made at once: such a
      // stream is listed, and takes no message (seen with nats-server 2.9).
      if (this.hadStream) await new Promise((resolve) => setTimeout(resolve, REMOVAL_PAUSE));
      await manager.streams.add(streamConfig);
    }
  }

  private manager(): Promise<JetStreamManager> {
    return this.connection.jetstreamManager({ checkAPI: false, timeout: PUBLISH_TIMEOUT });
  }

  private async explain(error: NotStored, message: BrokerMessage): Promise<PublishError> {
    if (error.reason === 'no stream') {
      // It is made again, and the message tried again.
      await this.ensureStream().catch(() => undefined);
      return new PublishError('the stream was missing', false, { cause: error });
    }
    return new PublishError(
      `${message.subject} was not published: ${error.message}`,
      error.reason === 'refused',
      { cause: error },
    );
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === Events.Disconnect) {
        this.up = false;
        this.publications.connectionLost();
        if (!this.closing) this.logger.warn('the broker is disconnected');
      } else if (status.type === Events.Reconnect) {
        this.up = true;
        // What was asked before is not answered any more.
        this.streamAttempt = undefined;
        this.reported = undefined;
        this.logger.info('the broker is connected again');
        // It may have come back with empty storage.
        if (this.duty !== 'use') void this.ensureStream().catch(() => undefined);
      } else if (status.type === Events.Error) {
        const refused = status.permissionContext;
        if (refused?.operation === 'publish') this.publications.forbidden(refused.subject);
        this.report(status.data, refused);
      }
    }
  }

  /** Once while it stays the same: a refused user tries again and again. */
  private report(reason: unknown, refused?: { operation: string; subject: string }): void {
    const what = { reason, ...refused };
    const text = JSON.stringify(what);
    if (text !== this.reported) this.logger.warn(what, 'the broker reports an error');
    this.reported = text;
  }
}

/** Connects; a server that is up and refuses us is nothing to wait for. */
async function dial(
  options: ConnectionOptions,
  waits: () => boolean,
  logger: Logger,
): Promise<NatsConnection> {
  for (let tries = 1; ; tries++) {
    try {
      return await connect(options);
    } catch (error) {
      if (!waits() || (error instanceof NatsError && error.isAuthError())) throw error;
      if (tries === 1) logger.warn({ err: error }, 'the broker is waited for');
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE));
    }
  }
}
