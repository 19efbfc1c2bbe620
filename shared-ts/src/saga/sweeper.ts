import { newId } from '../ids';
import { childTraceparent, type Logger } from '../telemetry';
import type { Transactor, UnitOfWork } from '../unit-of-work';
import { later } from './advance';
import type { SagaDefinition } from './definition';
import type { SagaMetrics } from './metrics';
import { keep } from './orchestrator';
import { changed, type SagaInstance } from './saga-store';
import { resend, STEP_TIMEOUT, TIMED_OUT } from './transitions';

const INTERVAL = 1_000;
const SWEEP_SIZE = 100;
/** When a saga that can not be taken on is looked at again, in milliseconds: it must not stand in the way of the others until then. */
const STRANGE_PAUSE = 60_000;

/**
 * Takes overdue sagas on: a command whose reply is missing goes out again, one that was refused is tried anew, and a saga that has waited too long for a
 * reply turns round.
 */
export class SagaSweeper<Ports> {
  private readonly definitions: ReadonlyMap<string, SagaDefinition<unknown>>;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    definitions: readonly SagaDefinition<unknown>[],
    private readonly transactor: Transactor<Ports>,
    private readonly metrics: SagaMetrics,
    private readonly logger: Logger,
    /** How long a step waits for its reply in all, in milliseconds. */
    private readonly stepTimeout: number = STEP_TIMEOUT,
  ) {
    this.definitions = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  start(): void {
    this.timer = setInterval(() => {
      // One at a time: while the database does not answer, they must not pile up.
      this.sweeping ??= this.sweepNow();
    }, INTERVAL);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweepNow(): Promise<void> {
    try {
      await this.sweep(new Date());
    } catch (error) {
      this.logger.warn({ err: error }, 'overdue sagas could not be looked after');
    } finally {
      this.sweeping = undefined;
    }
  }

  /** Looks once. @returns how many sagas were overdue */
  sweep(now: Date): Promise<number> {
    return this.transactor.transaction(async ({ work }) => {
      const instances = await work.stores.sagas.overdue(now, SWEEP_SIZE);
      for (const instance of instances) this.takeOn(work, instance, now);
      return instances.length;
    });
  }

  /** One saga that its definition does not fit (any more) must not hold up the others. */
  private takeOn(work: UnitOfWork, instance: SagaInstance, now: Date): void {
    const { sagaId, sagaName, correlationId } = instance;
    try {
      const definition = this.definitions.get(sagaName);
      if (definition === undefined) throw new Error(`there is no saga ${sagaName} here`);
      const advance = resend(definition, instance, now, this.stepTimeout);
      // Nothing that was received causes it: what follows is a trace of its own in the saga's story.
      const scope = work.scope({ correlationId, causationId: newId(), traceparent: childTraceparent() });
      keep(scope, this.metrics, instance, advance);
      if (advance.instance.failure === TIMED_OUT && instance.failure !== TIMED_OUT)
        work.afterCommit(() =>
          this.logger.warn({ sagaId, sagaName }, 'no reply came in time; the saga goes back'),
        );
    } catch (error) {
      work.saveSaga(changed(instance, { deadline: later(now, STRANGE_PAUSE) }), []);
      this.logger.error({ err: error, sagaId, sagaName }, 'an overdue saga can not be taken on');
    }
  }
}
