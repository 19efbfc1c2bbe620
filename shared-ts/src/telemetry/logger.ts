import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type PinoPretty from 'pino-pretty';
import type { Environment, LogLevel } from '../config';
import { SourcePositions } from './source-positions';
import { withoutPasswords } from './without-passwords';

/** A structured logger: `logger.info({ orderId }, 'order placed')`; errors go under `err`. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly serviceId: string;
  /** People read the lines of `development`; elsewhere they are JSON. */
  readonly environment: Environment;
  readonly level: LogLevel;
  /** Where the lines go; standard output if left out. */
  readonly destination?: DestinationStream;
}

const secretNames = ['password', 'PG_CONN', 'connectionString', 'authorization', 'cookie'];

/**
 * Makes the logger of a process. Every line has the service and an RFC 3339 time; what is said about a request or
 * a message names its `correlationId`. It writes synchronously, without a worker thread: the last lines before an exit are
 * the ones that matter, and nothing on a hot path logs above `debug`.
 */
export function createLogger({ serviceId, environment, level, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service: serviceId },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: secretNames.flatMap((name) => [name, `*.${name}`]),
      serializers: { err: serializeError },
    },
    environment === 'development' ? readable(destination) : (destination ?? standardOutput()),
  );
}

const positions = new SourcePositions(require.main?.filename ?? '');

/** The error with its stack and its causes, by the lines of the sources; passwords in connection strings are blotted out. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const serialized = pino.stdSerializers.err(error);
  return {
    ...serialized,
    message: withoutPasswords(serialized.message),
    stack: withoutPasswords(positions.in(serialized.stack)),
  };
}

/** As many bytes as wait for a reader, or for room on the disk, at most; what comes then is lost. */
const LINES_KEPT = 1_000_000;

/** A process does not end of a log that nobody can write any more, nor wait for it. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: LINES_KEPT });
  output.on('error', () => undefined);
  return output;
}

/** Lines for people. It formats in place: a stream would lose the lines that are under way at an exit. */
function readable(destination: DestinationStream | undefined): DestinationStream {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- where nobody reads its lines, it would take 2 MB of every process
  const { prettyFactory } = require('pino-pretty') as typeof PinoPretty;
  const format = prettyFactory({
    colorize: destination === undefined && process.stdout.isTTY === true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'service,pid,hostname',
    messageFormat: '{service}: {msg}',
  });
  const target = destination ?? standardOutput();
  return { write: (line) => target.write(format(line)) };
}
