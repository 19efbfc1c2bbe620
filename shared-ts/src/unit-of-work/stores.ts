import type { EventStore } from '../event-sourcing';
import type { IdempotencyStore } from '../messaging/idempotency-store';
import type { Inbox } from '../messaging/inbox';
import type { Outbox } from '../messaging/outbox';
import type { SagaStore } from '../saga/saga-store';

/** Everything that one transaction can read and write, whatever it is kept in. */
export interface Stores {
  readonly events: EventStore;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly sagas: SagaStore;
  readonly idempotency: IdempotencyStore;
}
