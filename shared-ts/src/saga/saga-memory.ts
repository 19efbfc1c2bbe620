import { BoundedMemory } from '../unit-of-work/bounded-memory';
import { changed, type SagaInstance } from './saga-store';

/** How many sagas are remembered at most; the one that was saved longest ago is forgotten first. */
const CAPACITY = 1_000;

/**
 * The sagas that this process has saved last, so that the next reply to one need not ask the database where it is. Nothing depends on it: a saga that another
 * replica has taken on meanwhile awaits another reply, or is of another version, and is read anew.
 */
export class SagaMemory {
  private readonly instances = new BoundedMemory<SagaInstance>(CAPACITY);

  /**
   * Remembers a saga that awaits a reply.
   * @param saved as it was handed to `SagaStore.save`, once that is committed
   */
  keep(saved: SagaInstance): void {
    if (saved.pendingCommandId === undefined) this.instances.take(saved.sagaId);
    else this.instances.keep(saved.sagaId, changed(saved, { version: saved.version + 1 }));
  }

  /** Gives a saga away: whoever takes it on keeps it when that is committed, and when it fails, it is forgotten. */
  take(sagaId: string): SagaInstance | undefined {
    return this.instances.take(sagaId);
  }
}
