export {
  headerList,
  headersByName,
  PublishError,
  type BrokerMessage,
  type ConsumerLag,
  type Delivery,
  type HeaderList,
  type Publisher,
  type StreamDuty,
  type Subscriber,
  type Subscription,
} from './broker';
export { MessageConsumer, type ConsumerOptions } from './consumer';
export type { DeadLetter, DeadLetters, WaitingDeadLetter, WaitingDeadLetters } from './dead-letters';
export { decode, UndecodableMessage } from './decode';
export type { IdempotencyClaim, IdempotencyStore } from './idempotency-store';
export { Repeated, type Inbox } from './inbox';
export type {
  IncomingMessage,
  MessageContext,
  MessageKind,
  MessageType,
  Outcome,
  OutgoingMessage,
  PayloadOf,
} from './message';
export { measureDeadLetters, messageMetrics, type MessageMetrics } from './metrics';
export { inboxOf, natsAddress, type NatsAddress } from './nats-address';
export { NatsBroker } from './nats-broker';
export { toOutboxRow, type Outbox, type OutboxRow } from './outbox';
export {
  eventSource,
  failureWith,
  NotYetKnown,
  onCommand,
  onEvent,
  routeOf,
  SUCCESS,
  successWith,
  type MessageHandler,
  type Received,
  type Reply,
} from './router';
export { channelOf, durableOf, STREAM, SUBJECT_PREFIX, subjectOf } from './subjects';
