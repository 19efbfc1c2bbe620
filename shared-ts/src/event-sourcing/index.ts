export {
  ConcurrencyConflict,
  type EventStore,
  type EventStream,
  type NewEvent,
  type Snapshot,
  type StoredEvent,
} from './event-store';
export type { AggregateRepository, Awaitable, Loaded, Updated } from './aggregate-repository';
