import { SagaMemory } from '../saga/saga-memory';
import { BoundedMemory } from './bounded-memory';
import type { LoadedAggregate } from './loaded-aggregate';

/** As many as orders are commonly under way. */
const AGGREGATES = 500;

/**
 * What a process remembers of what it has committed, so that the next message about it need not ask the database. Nothing depends on it: what another replica
 * has changed meanwhile is found out at the commit at the latest, and read anew. One for all transactors of a process.
 */
export class ProcessMemory {
  readonly sagas = new SagaMemory();
  /** Aggregates that began here and were not changed since, by type and id: most are changed once more soon, and then left alone for long. */
  readonly aggregates = new BoundedMemory<LoadedAggregate>(AGGREGATES);
}
