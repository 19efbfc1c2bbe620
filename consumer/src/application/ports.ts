import type { AggregateRepository } from '@ftgo/shared-ts';
import type { ConsumerEvent, ConsumerState } from '../domain/consumer';

/** All that the consumer service's commands and queries need. */
export interface ConsumerPorts {
  readonly consumers: AggregateRepository<ConsumerState, ConsumerEvent>;
}
