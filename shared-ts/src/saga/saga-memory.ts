import type { SagaInstance } from './saga-store';

/** How many sagas are remembered at most; the one that was saved longest ago is forgotten first. */
const CAPACITY = 1_000;

/**
 * The sagas that this process has saved last, so that the next reply to one need not ask the database where it is. Nothing depends on it: a saga that another
 * replica has taken on meanwhile awaits another reply, or is of another version, and is read anew.
 */
export class SagaMemory {
  private readonly instances = new Map<string, SagaInstance>();

  /**
   * Remembers a saga that awaits a reply.
   * @param saved as it was handed to `SagaStore.save`, once that is committed
   */
  keep(saved: SagaInstance): void {
    // Deleted first, so that the order is that of the saves.
    this.instances.delete(saved.sagaId);
    if (saved.pendingCommandId === undefined) return;
    this.instances.set(saved.sagaId, { ...saved, version: saved.version + 1 });
    if (this.instances.size <= CAPACITY) return;
    const [oldest = saved.sagaId] = this.instances.keys();
    this.instances.delete(oldest);
  }

  /** Gives a saga away: whoever takes it on keeps it when that is committed, and when it fails, it is forgotten. */
  take(sagaId: string): SagaInstance | undefined {
    const instance = this.instances.get(sagaId);
    this.instances.delete(sagaId);
    return instance;
  }
}
