import { Pool } from 'pg';
import { configOrExit, relayVariables, type RelayConfig } from '../config';
import { NatsBroker } from '../messaging/nats-broker';
import { backoff, retryForever, runProcess, type Life } from '../process';
import { createLogger, createMetrics, type Logger } from '../telemetry';
import { createWebServer, type ReadinessCheck } from '../web';
import { createRelayMetrics } from './metrics';
import { listParked, type ParkedMessage } from './parking';
import { createPollingRelay } from './polling-relay';
import { isActive, type Relay, type RelayOptions } from './relay';
import { parseRelayCommand, type RelayCommand } from './relay-command';
import { publishParked, replayOutbox } from './replay';
import { aborted } from './supervised-relay';
import { createWalRelay } from './wal-relay';

export interface RelayProcessOptions {
  /** The service whose outbox is published: `order` gives the process `order-cdc`. */
  readonly serviceName: string;
}

/**
 * A service's CDC process, from its configuration to its exit. Without arguments it relays; with a
 * {@link RelayCommand} it does that, prints what came of it and exits.
 */
export function runRelay({ serviceName }: RelayProcessOptions): void {
  const config = configOrExit(relayVariables(`${serviceName}-cdc`));
  const command = commandOrExit();
  const logger = createLogger({
    serviceId: config.SERVICE_ID,
    environment: config.ENVIRONMENT,
    level: config.LOG_LEVEL,
    // Standard output is for what came of a command.
    destination: command.does === 'relay' ? undefined : process.stderr,
  });
  runProcess({
    logger,
    shutdownTimeout: config.SHUTDOWN_TIMEOUT,
    start: async (life) => {
      if (command.does === 'relay') return relay(config, logger, life);
      process.stdout.write(await carryOut(command, config, logger, life));
      life.finish();
    },
  });
}

async function relay(config: RelayConfig, logger: Logger, life: Life): Promise<void> {
  const metrics = createMetrics(config.SERVICE_ID);
  const parts: Parts = {};
  const web = createWebServer({ readiness: readiness(parts), logger, metrics });
  // Up first, so that a process that waits for its broker can say so.
  await web.listen(config.WEB_HTTP_PORT, config.WEB_HTTP_HOST);
  life.onShutdown('web server', () => web.close());
  life.signal.addEventListener('abort', () => web.drain());

  const broker = await connectBroker(config, logger, life);
  parts.broker = broker;
  const options = relayOptions(config, broker, createRelayMetrics(metrics.registry), logger);
  parts.relay =
    config.CDC_MODE === 'wal'
      ? createWalRelay(options)
      : createPollingRelay({ ...options, pollInterval: config.CDC_POLL_INTERVAL });
  life.onShutdown('relay', () => parts.relay?.stop());
  await parts.relay.start();
}

/** @returns what the operator is told */
async function carryOut(
  command: Exclude<RelayCommand, { does: 'relay' }>,
  config: RelayConfig,
  logger: Logger,
  life: Life,
): Promise<string> {
  if (command.does === 'parked') {
    const parked = await readParked(config);
    return parked.map((message) => `${JSON.stringify(message)}\n`).join('');
  }
  const broker = await connectBroker(config, logger, life);
  const metrics = createRelayMetrics(createMetrics(config.SERVICE_ID).registry);
  const options = relayOptions(config, broker, metrics, logger);
  if (command.does === 'replay') {
    return `${await replayOutbox({ ...options, from: command.from })} messages published again\n`;
  }
  const count = await publishParked(options);
  return `${count} messages published, ${(await readParked(config)).length} still parked\n`;
}

async function readParked(config: RelayConfig): Promise<ParkedMessage[]> {
  const pool = new Pool({ connectionString: config.PG_CONN, application_name: config.SERVICE_ID, max: 1 });
  // What is asked reports a connection that breaks; without a listener one that is being closed would end the process.
  pool.on('error', () => undefined);
  try {
    return await listParked(pool);
  } finally {
    await pool.end();
  }
}

/** Process's parts as far as they are there. */
interface Parts {
  broker?: NatsBroker;
  relay?: Relay;
}

function readiness(parts: Parts): ReadinessCheck[] {
  return [
    {
      name: 'broker',
      check: async () => {
        if (!parts.broker?.connected) throw new Error('not connected');
      },
    },
    {
      name: 'relay',
      check: async () => {
        const status = parts.relay?.status() ?? { state: 'stopped', reason: 'waits for the broker' };
        if (!isActive(status)) throw new Error(status.reason ?? status.state);
      },
    },
  ];
}

async function connectBroker(config: RelayConfig, logger: Logger, life: Life): Promise<NatsBroker> {
  const broker = await Promise.race([
    retryForever(
      () =>
        NatsBroker.connect(
          { url: config.NATS_URL.join(','), serviceId: config.SERVICE_ID, stream: 'make' },
          logger,
        ),
      {
        signal: life.signal,
        backoff: backoff({ initial: 100, max: 2_000 }),
        onFailure: (err) => logger.warn({ err }, 'the broker is not usable yet'),
      },
    ),
    aborted(life.signal).then(() => life.signal.throwIfAborted()),
  ]);
  if (!broker) throw new Error('stopped before the broker was connected');
  life.onShutdown('broker', () => broker.close());
  return broker;
}

function relayOptions(
  config: RelayConfig,
  publisher: NatsBroker,
  metrics: RelayOptions['metrics'],
  log: Logger,
): RelayOptions & { readonly slot: string } {
  return {
    databaseUrl: config.PG_CONN,
    relayId: config.SERVICE_ID,
    slot: slotName(config.PG_CONN),
    publisher,
    metrics,
    log,
    drainTimeout: config.SHUTDOWN_TIMEOUT / 2,
  };
}

/** Slots are the server's, not a database's: their names carry the database's. */
function slotName(databaseUrl: string): string {
  const database = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  return `${database.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}_outbox`;
}

function commandOrExit(): RelayCommand {
  try {
    return parseRelayCommand(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
