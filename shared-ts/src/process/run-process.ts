import { setFlagsFromString } from 'node:v8';
import { withoutPasswords, type Logger } from '../telemetry';

/** What a process's start gets: how to be told of the end, and how to bring it about. */
export interface Life {
  /** Aborted when the process begins to shut down; pass it to what waits or retries. */
  readonly signal: AbortSignal;
  /**
   * Registers a step of the shutdown. Steps run one after another, the last registered first, so what was opened
   * last is closed before what it stands on (the database).
   */
  onShutdown(name: string, step: () => Promise<void> | void): void;
  /** Ends the process in order, with exit code 0: it has done its work. */
  finish(): void;
}

export interface ProcessOptions {
  readonly logger: Logger;
  /** For all shutdown steps together, in milliseconds; then the process exits with 1. */
  readonly shutdownTimeout: number;
  /** Opens and starts everything; the process is up when it resolves. When it rejects, the process exits with 1. */
  readonly start: (life: Life) => Promise<void>;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

/**
 * How much of its bytecode a function runs before V8 optimises it; V8's own value, made for web pages, is eight times as much. A message that comes alone runs mostly
 * what is not optimised yet, and what runs for each batch is optimised sooner again after a collection of garbage has dropped it.
 */
const INTERRUPT_BUDGET = 8_000;

/** What a launcher sends where a signal would end the process at once: on Windows. pm2 sends the same. */
const SHUTDOWN_MESSAGE = 'shutdown';

/**
 * Runs a process from its start to its exit. SIGTERM, SIGINT, SIGHUP and the message `shutdown` shut it down in order and exit with 0;
 * a failed start, an uncaught exception or an unhandled rejection does the same and exits with 1.
 *
 * Further signals are ignored while it shuts down: Ctrl-C reaches every process of a terminal, and a parent
 * passes it on, so the second signal usually is the first one again. The time limit ends a shutdown that hangs.
 */
export function runProcess({ logger, shutdownTimeout, start }: ProcessOptions): void {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
  const stop = new AbortController();
  const steps: Step[] = [];
  let exitCode = 0;

  const shutDown = async (reason: string): Promise<void> => {
    if (stop.signal.aborted) return;
    logger.info({ reason }, 'shutting down');
    setTimeout(() => {
      logger.error({ shutdownTimeout }, 'shutdown took too long, leaving');
      process.exit(1);
    }, shutdownTimeout);
    stop.abort(new Error(`shutting down: ${reason}`));
    await started;
    if (!(await runInReverse(steps, logger))) exitCode = 1;
    logger.info('stopped');
    process.exit(exitCode);
  };

  const fail = (error: unknown, message: string): void => {
    exitCode = 1;
    logger.fatal({ err: error }, message);
    void shutDown(message);
  };

  const life: Life = {
    signal: stop.signal,
    onShutdown: (name, run) => void steps.push({ name, run }),
    finish: () => void shutDown('finished'),
  };

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void shutDown(signal));
  process.on('message', (message) => {
    if (message === SHUTDOWN_MESSAGE) void shutDown('told by a message');
  });
  // Node raises an unhandled rejection as an uncaught exception.
  process.on('uncaughtException', (error) => fail(error, 'uncaught exception'));

  // Deferred, so that `started` is there for whatever `start` brings about at once.
  const started: Promise<void> = Promise.resolve()
    .then(() => start(life))
    .catch((error: unknown) => {
      // A start that gives up because it was told to is no failure.
      if (error === stop.signal.reason) return;
      fail(
        error,
        withoutPasswords(`could not start: ${error instanceof Error ? error.message : String(error)}`),
      );
    });
}

/** Whether all steps succeeded; one that fails does not keep the others from running. */
async function runInReverse(steps: Step[], logger: Logger): Promise<boolean> {
  let succeeded = true;
  for (let step = steps.pop(); step; step = steps.pop()) {
    try {
      logger.debug({ step: step.name }, 'shutdown step');
      await step.run();
    } catch (error) {
      succeeded = false;
      logger.error({ err: error, step: step.name }, 'shutdown step failed');
    }
  }
  return succeeded;
}
