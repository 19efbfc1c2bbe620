import type { consumerapi } from '@ftgo/serviceapis';
import type { AggregateType, DomainEvent } from '@ftgo/shared-ts/domain';
import { unreachable } from '@ftgo/shared-ts/domain';

/** What happens to a consumer; all of it is published. */
export type ConsumerEvent =
  | DomainEvent<'consumerapi.ConsumerRegistered', consumerapi.ConsumerRegistered>
  | DomainEvent<'consumerapi.ConsumerRenamed', consumerapi.ConsumerRenamed>;

/** A consumer in one of its states. */
export type ConsumerState =
  { readonly status: 'NotRegistered' } | { readonly status: 'Registered'; readonly name: string };

/** A consumer who may place orders. */
export type RegisteredConsumer = Extract<ConsumerState, { status: 'Registered' }>;

/** The consumer aggregate, as the event store keeps it. */
export const consumerAggregate: AggregateType<ConsumerState, ConsumerEvent> = {
  name: 'consumerservice.Consumer',
  initial: { status: 'NotRegistered' },
  evolve,
  published: new Set<ConsumerEvent['type']>([
    'consumerapi.ConsumerRegistered',
    'consumerapi.ConsumerRenamed',
  ]),
  snapshotVersion: 1,
};

function evolve(state: ConsumerState, event: ConsumerEvent): ConsumerState {
  switch (event.type) {
    case 'consumerapi.ConsumerRegistered':
      return { status: 'Registered', name: event.data.name };
    case 'consumerapi.ConsumerRenamed':
      if (state.status === 'NotRegistered')
        throw new Error(`${event.type} before the consumer was registered`);
      return { ...state, name: event.data.name };
    default:
      return unreachable(event);
  }
}
