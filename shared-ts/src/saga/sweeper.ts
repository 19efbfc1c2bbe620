import { newId } from '../ids';
import type { Logger } from '../telemetry';
import type { Transactor } from '../unit-of-work';
import type { SagaDefinition } from './definition';
import { keep, type SagaMetrics } from './orchestrator';
import { resend } from './transitions';

const INTERVAL = 1_000;
const SWEEP_SIZE = 100;

/** Takes overdue sagas on: a command whose reply is missing goes out again, and one that was refused is tried anew. */
export class SagaSweeper<Ports> {
  private readonly definitions: ReadonlyMap<string, SagaDefinition<unknown>>;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    definitions: readonly SagaDefinition<unknown>[],
    private readonly transactor: Transactor<Ports>,
    private readonly metrics: SagaMetrics,
    private readonly logger: Logger,
  ) {
    this.definitions = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  start(): void {
    this.timer = setInterval(() => {
      this.sweeping = this.sweeping.then(() =>
        this.sweep(new Date()).then(
          () => undefined,
          (error: unknown) => this.logger.warn({ err: error }, 'overdue sagas could not be looked after'),
        ),
      );
    }, INTERVAL);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Looks once. @returns how many sagas were overdue */
  sweep(now: Date): Promise<number> {
    return this.transactor.transaction(async ({ work }) => {
      const instances = await work.stores.sagas.overdue(now, SWEEP_SIZE);
      for (const instance of instances) {
        const definition = this.definitions.get(instance.sagaName);
        if (definition === undefined) continue;
        const scope = work.scope({ correlationId: instance.correlationId, causationId: newId() });
        keep(scope, this.metrics, instance, resend(definition, instance, now));
      }
      return instances.length;
    });
  }
}
