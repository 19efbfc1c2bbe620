import { z } from 'zod';
import { duration } from './duration';
import { integer, natsUrls, oneOf, postgresUrl, type ConfigOf } from './variable';

const DAY = 86_400_000;

/** Logger thresholds, from the most to the least talkative. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Where a process runs: people read the logs of `development`, programs those of the others. */
export const environments = ['development', 'production', 'test'] as const;

export type Environment = (typeof environments)[number];
export type LogLevel = (typeof logLevels)[number];

/** The variables that every process of the fleet reads. */
const processVariables = (serviceId: string) => ({
  SERVICE_ID: {
    schema: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens'),
    default: serviceId,
    description: 'name of this process in logs and metrics',
  },
  ENVIRONMENT: {
    schema: oneOf(environments),
    default: 'development',
    description: `${environments.join(', ')}; logs are JSON except in development`,
  },
  LOG_LEVEL: { schema: oneOf(logLevels), default: 'info', description: `${logLevels.join(', ')}` },
  SHUTDOWN_TIMEOUT: {
    schema: duration({ min: 1 }),
    default: '10s',
    description: 'how long running work may take to finish before the process leaves it',
  },
  PG_CONN: {
    schema: postgresUrl(),
    description: 'PostgreSQL connection string: postgres://user:password@host:5432/database',
    secret: true,
  },
  PG_POOL_SIZE: {
    schema: integer({ min: 1, max: 1_000 }),
    default: '10',
    description:
      'most database connections at a time; of a service for its requests, which has 4 more for all else',
  },
  // May carry a user and a password.
  NATS_URL: {
    schema: natsUrls(),
    default: 'nats://127.0.0.1:4222',
    description: 'address of the broker, or several separated by commas',
    secret: true,
  },
  WEB_HTTP_PORT: {
    schema: integer({ min: 0, max: 65_535 }),
    default: '80',
    description: 'TCP port of the web server; 0 takes a free one',
  },
  WEB_HTTP_HOST: { schema: z.string(), default: '0.0.0.0', description: 'address that the web server binds' },
});

/** The variables of a service: those of every process and its own. */
export const serviceVariables = (serviceId: string) => ({
  ...processVariables(serviceId),
  WEB_MAX_REQUESTS: {
    schema: integer({ min: 1, max: 100_000 }),
    default: '200',
    description: 'how many API requests may be under way; further ones are answered 503 with Retry-After',
  },
  OUTBOX_RETENTION: {
    schema: duration({ min: 60_000, max: 13 * DAY }),
    default: '7d',
    // Inboxes remember for 14 days: what is older would be handled as new.
    description:
      'how long published outbox rows are kept, so that they can be published again; dropped by whole days; at most 13d',
  },
});

/** The variables of a service that orchestrates sagas: those of every service and its own. */
export const orchestratorVariables = (serviceId: string) => ({
  ...serviceVariables(serviceId),
  SAGA_MAX_UNDER_WAY: {
    schema: integer({ min: 1, max: 1_000_000 }),
    default: '1000',
    description:
      'how many sagas may be under way; requests that would start more are answered 503 with Retry-After',
  },
  SAGA_STEP_TIMEOUT: {
    schema: duration({ min: 30_000, max: 3_650 * DAY }),
    default: '24h',
    description:
      "how long a saga's step waits for its reply, sending its command again, before the saga is undone; at least 30s",
  },
});

/** The variables of a CDC relay: those of every process and its own. */
export const relayVariables = (serviceId: string) => ({
  ...processVariables(serviceId),
  CDC_MODE: {
    schema: oneOf(['wal', 'polling']),
    default: 'wal',
    description: 'wal: logical replication; polling: for databases without replication rights',
  },
  CDC_POLL_INTERVAL: {
    schema: duration({ min: 1 }),
    default: '250ms',
    description: 'pause between two looks at the outbox when CDC_MODE is polling',
  },
});

/** Configuration of a service. Durations are in milliseconds, `NATS_URL` is a list of servers. */
export type ServiceConfig = ConfigOf<ReturnType<typeof serviceVariables>>;

/** Configuration of a service that orchestrates sagas. */
export type OrchestratorConfig = ConfigOf<ReturnType<typeof orchestratorVariables>>;

/** Configuration of a CDC relay. */
export type RelayConfig = ConfigOf<ReturnType<typeof relayVariables>>;
