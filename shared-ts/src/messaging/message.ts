import type { ZodType } from 'zod';

/** The three things that a message can be. */
export type MessageKind = 'event' | 'command' | 'reply';

/** Whether a command was carried out. */
export type Outcome = 'SUCCESS' | 'FAILURE';

/** A message's place in the published language: its name, its kind and the schema of its payload. */
export interface MessageType<Payload = unknown> {
  /** The `ce-type`, e.g. `orderapi.OrderCreated`. */
  readonly name: string;
  readonly kind: MessageKind;
  readonly payload: ZodType<Payload>;
}

/** The payload that a message type carries. */
export type PayloadOf<T> = T extends MessageType<infer P> ? P : never;

/** What one request or message passes on to all that it causes. */
export interface MessageContext {
  /** Id of the first request of the chain. */
  readonly correlationId: string;
  /** Id of the message or request that is being handled. */
  readonly causationId: string;
  /** W3C trace context of the chain, as a header value. */
  readonly traceparent?: string;
}

/** A message as a service hands it to its outbox. Nothing checks that its attributes fit its kind before a consumer reads it. */
export interface OutgoingMessage {
  /** UUID v7: outbox row's id, `ce-id` and `Nats-Msg-Id`. */
  readonly id: string;
  readonly channel: string;
  readonly name: string;
  readonly kind: MessageKind;
  /** What order is kept by: the aggregate's id, or the saga's. */
  readonly partitionKey: string;
  /** Further CloudEvents attributes, without the prefix: subject, sequence, sagaid, replyto, ... */
  readonly attributes: Readonly<Record<string, string>>;
  readonly payload: unknown;
}

/** A message as a consumer gets it from the broker; the payload is not validated yet. */
export interface IncomingMessage {
  readonly id: string;
  /** The channel that it was published on, without the subject prefix. */
  readonly channel: string;
  readonly name: string;
  readonly kind: MessageKind;
  readonly partitionKey: string;
  readonly context: MessageContext;
  /** All CloudEvents attributes that the message carries, without the prefix; of those that it does not, some are there as undefined. */
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly payload: unknown;
  /** RFC 3339. */
  readonly time: string;
  /** 1 when the broker hands it over for the first time. */
  readonly deliveryCount: number;
}
