import type { Scope } from '@ftgo/shared-ts';
import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { ConsumerPorts } from '../application';
import { consumerAggregate } from '../domain/consumer';

const portsOf = (scope: Scope): ConsumerPorts => ({ consumers: scope.aggregates(consumerAggregate) });

/** The consumer service's ports on PostgreSQL; the event store is all that it keeps. */
export const postgresPorts: PostgresPorts<ConsumerPorts> = portsOf;

/** The consumer service's ports in memory. */
export const inMemoryPorts: InMemoryPorts<ConsumerPorts> = portsOf;
