import type { JsMsg, NatsConnection } from 'nats';

/**
 * How long an acknowledgement may wait for others, in milliseconds. Nobody waits for one: it only spares the broker a delivery that the inbox would know, and the
 * broker gives us thirty seconds.
 */
const DELAY = 10;

/** Acknowledges messages; what is acknowledged within some milliseconds goes out as one packet, which wakes the broker once. */
export class NatsAcknowledgements {
  private waiting: JsMsg[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly connection: Pick<NatsConnection, 'isClosed'>) {}

  add(message: JsMsg): void {
    this.waiting.push(message);
    this.timer ??= setTimeout(() => this.flush(), DELAY);
  }

  /** Sends what still waits; over a closed connection nothing, and the broker delivers again. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const messages = this.waiting;
    this.waiting = [];
    if (this.connection.isClosed()) return;
    for (const message of messages) message.ack();
  }
}
