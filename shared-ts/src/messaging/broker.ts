/** A message on its way to the broker. */
export interface BrokerMessage {
  /** The broker drops a second message of the same id within its duplicate window. */
  readonly id: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** Why a publication failed, as far as the relay must know. */
export class PublishError extends Error {
  /**
   * @param permanent true when this message can never be published (too large, a subject that is not allowed); false when
   *   trying again may help (disconnected, time-out, stream missing)
   */
  constructor(
    message: string,
    readonly permanent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PublishError';
  }
}

/** What a relay needs of the broker. */
export interface Publisher {
  /** Resolves when the broker has stored the message (a duplicate counts as stored); rejects with a PublishError. One try, no retry. */
  publish(message: BrokerMessage): Promise<void>;
  /** True while connected. */
  readonly connected: boolean;
}

/** Headers as they came: a name, its value, the next name. They are gone through once as a rule, for which nothing costs less than a list. */
export type HeaderList = readonly string[];

/** Headers by their names; of a name that comes twice, the first value. */
export function headersByName(list: HeaderList): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < list.length; index += 2)
    headers[list[index] ?? ''] ??= list[index + 1] ?? '';
  return headers;
}

/** The other way round. */
export const headerList = (headers: Readonly<Record<string, string>>): HeaderList =>
  Object.entries(headers).flat();

/** One delivery of a message to a consumer. */
export interface Delivery {
  readonly subject: string;
  readonly headers: HeaderList;
  readonly data: Uint8Array;
  /** 1 at the first delivery. */
  readonly deliveryCount: number;
  /** Position in the stream; for logs and dead letters. */
  readonly streamSequence: number;
  ack(): void;
  /** Asks for it again, after a delay in milliseconds. */
  nak(delay?: number): void;
  /** Tells the broker that it is still being worked on; does nothing once it is acknowledged or asked for again. */
  working(): void;
}

/** A running subscription. */
export interface Subscription {
  /** Stops taking messages; what was handed over may still be acknowledged. */
  stop(): Promise<void>;
  /**
   * True while nothing is handed over, because it was lost and is not there again. A connection that is lost is no reason: it is the
   * subscriber's, and what it carried goes on when it is back.
   */
  readonly down: boolean;
}

/** What a service needs of the broker. */
export interface Subscriber {
  /**
   * Starts handing over a channel's messages through a durable consumer that all replicas share. Survives reconnects; a consumer that
   * was deleted is made again, and so is a stream by those whose duty it is: the others wait for it.
   */
  subscribe(options: {
    /** Durable name, shared by the replicas. */
    readonly durable: string;
    /** Subject, wildcards allowed: `ftgo.orderservice.*.reply`. */
    readonly subject: string;
    /** How many messages are asked for at a time. More may be handed over and not yet acknowledged: what has come makes room for others. */
    readonly maxInFlight: number;
    readonly onDelivery: (delivery: Delivery) => void;
  }): Promise<Subscription>;
  readonly connected: boolean;
}

/**
 * What a process does for the stream: `use` waits for those who make it, `make` makes it when it is missing, `maintain`
 * also brings its limits up to date. The broker lets services do the first, relays the second and the operator all.
 */
export type StreamDuty = 'use' | 'make' | 'maintain';

/** How far one durable consumer of the stream is behind. */
export interface ConsumerLag {
  /** The durable name. */
  readonly consumer: string;
  /** Messages that were not handed over yet. */
  readonly waiting: number;
  /** Messages that were handed over and neither acknowledged nor given up. */
  readonly unacknowledged: number;
}
