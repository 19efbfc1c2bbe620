import type { Pool } from 'pg';
import {
  configOrExit,
  orchestratorVariables,
  serviceVariables,
  type OrchestratorConfig,
  type ServiceConfig,
} from '../config';
import { newId } from '../ids';
import {
  measureDeadLetters,
  MessageConsumer,
  messageMetrics,
  NatsBroker,
  type MessageHandler,
} from '../messaging';
import {
  answering,
  createPool,
  isUnavailable,
  migrate,
  postgresDeadLetters,
  postgresTransactor,
  waitingDeadLetters,
  type PostgresPorts,
  type SharedMigration,
} from '../postgres';
import { backoff, retryForever, runProcess, type Life } from '../process';
import {
  measureSagas,
  sagaMetrics,
  sagaReplies,
  sagaRoutes,
  SagaSweeper,
  type SagaDefinition,
  type SagaMetrics,
} from '../saga';
import { createLogger, createMetrics, type Logger, type Metrics } from '../telemetry';
import { GroupingTransactor, ProcessMemory, type Transactor } from '../unit-of-work';
import { Admission, createWebServer, type ApiInfo, type Route } from '../web';
import { startMaintenance } from './maintenance';

/** Database connections for messages, sweeps and counts: one each at a time. */
const OWN_CONNECTIONS = 4;

/** What a service's parts may use when they are put together. */
export interface Infrastructure {
  readonly metrics: Metrics;
  readonly sagaMetrics: SagaMetrics;
  readonly logger: Logger;
}

/** A service, as its main file composes it. */
export interface ServiceDefinition<Ports> {
  /** e.g. `order-service`. */
  readonly id: string;
  readonly api: ApiInfo;
  readonly migrations: {
    /** The schemas of shared-ts that it uses. */
    readonly shared: readonly SharedMigration[];
    /** Its own `migrations/` folder. */
    readonly folder: string;
  };
  /** The channels it listens to. */
  readonly channels: readonly string[];
  /** The sagas it orchestrates. */
  readonly sagas?: readonly SagaDefinition<unknown>[];
  readonly compose: (infrastructure: Infrastructure) => {
    /** Its ports on PostgreSQL. */
    readonly ports: PostgresPorts<Ports>;
    readonly handlers: readonly MessageHandler<Ports>[];
    readonly routes: (transactor: Transactor<Ports>) => readonly Route[];
    /** Counts, up to a limit, the sagas under way and what will start one; without it, any number may be. */
    readonly sagasUnderWay?: (ports: Ports, limit: number) => Promise<number>;
  };
}

/**
 * Runs a service process: configuration, web server, database and migrations, broker, consumers. The web server is up first, so that `/ready` can say
 * what is missing; the database, the broker and its stream are waited for as long as it takes.
 */
export function runService<Ports>(definition: ServiceDefinition<Ports>): void {
  const variables = definition.sagas === undefined ? serviceVariables : orchestratorVariables;
  const config: ServiceConfig & Partial<OrchestratorConfig> = configOrExit(variables(definition.id));
  const logger = createLogger({
    serviceId: config.SERVICE_ID,
    environment: config.ENVIRONMENT,
    level: config.LOG_LEVEL,
  });
  const start = async (life: Life): Promise<void> => {
    const metrics = createMetrics(config.SERVICE_ID);
    const sagaCounters = sagaMetrics(metrics);
    const { ports, handlers, routes, sagasUnderWay } = definition.compose({
      metrics,
      sagaMetrics: sagaCounters,
      logger,
    });
    const sagas = definition.sagas ?? [];

    const poolOf = (max: number): Pool => {
      const made = createPool(
        { connectionString: config.PG_CONN, max, serviceId: config.SERVICE_ID },
        logger,
      );
      life.onShutdown('database', () => made.end());
      return made;
    };
    // Messages do not queue behind requests: when there are too many of these, what they have begun must still get done.
    const pool = poolOf(OWN_CONNECTIONS);
    const requestPool = poolOf(config.PG_POOL_SIZE);
    measureDeadLetters(metrics, () => waitingDeadLetters(pool).count(definition.id));
    // The names in messages and of durable consumers are the service's, whatever a replica calls itself.
    const memory = new ProcessMemory();
    const transactor = postgresTransactor(pool, definition.id, ports, memory);
    const requestTransactor = new GroupingTransactor(
      postgresTransactor(requestPool, definition.id, ports, memory),
      isUnavailable,
    );

    if (sagas.length > 0) {
      const names = sagas.map(({ name }) => name);
      measureSagas(metrics, names, () => transactor.transaction(({ work }) => work.stores.sagas.countOpen()));
    }

    const admission =
      sagasUnderWay &&
      new Admission({
        limit: config.SAGA_MAX_UNDER_WAY ?? Infinity,
        count: (limit) => {
          const context = { correlationId: newId(), causationId: newId() };
          return transactor.execute(context, (bound) => sagasUnderWay(bound, limit));
        },
        logger,
      });

    const state = {
      migrated: false,
      broker: undefined as NatsBroker | undefined,
      consumer: undefined as MessageConsumer<Ports> | undefined,
    };
    const web = createWebServer({
      api: {
        info: definition.api,
        routes: [
          ...routes(requestTransactor),
          ...(sagas.length > 0 ? sagaRoutes(sagas, requestTransactor, sagaCounters) : []),
        ],
        isUnavailable,
        maxRequests: config.WEB_MAX_REQUESTS,
        admission,
      },
      readiness: [
        { name: 'database', check: answering([pool, requestPool]) },
        { name: 'migrations', check: async () => need(state.migrated, 'the migrations have not run yet') },
        {
          name: 'broker',
          check: async () => need(state.broker?.connected === true, 'the broker is not connected'),
        },
        {
          name: 'consumers',
          check: async () => {
            const missing = state.consumer?.missingChannels() ?? definition.channels;
            need(missing.length === 0, `no subscription to ${missing.join(', ')}`);
          },
        },
      ],
      logger,
      metrics,
    });
    const port = await web.listen(config.WEB_HTTP_PORT, config.WEB_HTTP_HOST);
    life.onShutdown('web server', () => web.close(config.SHUTDOWN_TIMEOUT / 2));
    logger.info({ port }, 'listening');

    const { shared, folder } = definition.migrations;
    await retryForever(() => migrate(pool, shared, folder), {
      signal: life.signal,
      backoff: backoff({ initial: 100, max: 2_000 }),
      isRetryable: isUnavailable,
      onFailure: (error) => logger.warn({ err: error }, 'the database is not there yet'),
    });
    state.migrated = true;
    if (admission !== undefined) {
      life.onShutdown('admission', () => admission.stop());
      await admission.start();
    }
    life.onShutdown('maintenance', startMaintenance(pool, shared, config.OUTBOX_RETENTION, logger));

    const broker = await retryForever(
      () =>
        NatsBroker.connect(
          {
            url: config.NATS_URL.join(','),
            serviceId: config.SERVICE_ID,
            signal: life.signal,
            stream: 'use',
          },
          logger,
        ),
      {
        signal: life.signal,
        backoff: backoff({ initial: 100, max: 2_000 }),
        onFailure: (error) => logger.warn({ err: error }, 'the broker is not there yet'),
      },
    );
    state.broker = broker;
    life.onShutdown('broker', () => broker.close());

    const consumer = new MessageConsumer({
      serviceId: definition.id,
      channels: definition.channels,
      handlers: [...handlers, ...sagas.map((saga) => sagaReplies<Ports, unknown>(saga, sagaCounters))],
      subscriber: broker,
      transactor,
      deadLetters: postgresDeadLetters(pool),
      isUnavailable,
      logger,
      metrics: messageMetrics(metrics),
    });
    state.consumer = consumer;
    await retryForever(() => consumer.start(), {
      signal: life.signal,
      onFailure: (error) => logger.warn({ err: error }, 'the subscriptions could not be made yet'),
    });
    life.onShutdown('consumers', () => consumer.stop());

    if (sagas.length > 0) {
      const sweeper = new SagaSweeper(sagas, transactor, sagaCounters, logger, config.SAGA_STEP_TIMEOUT);
      sweeper.start();
      life.onShutdown('saga sweeper', () => sweeper.stop());
    }
    life.signal.addEventListener('abort', () => web.drain());
    logger.info('ready');
  };
  runProcess({ logger, shutdownTimeout: config.SHUTDOWN_TIMEOUT, start });
}

function need(condition: boolean, reason: string): void {
  if (!condition) throw new Error(reason);
}
