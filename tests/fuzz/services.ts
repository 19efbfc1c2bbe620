import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { pino } from 'pino';
import {
  createWebServer,
  sagaMetrics,
  sagaReplies,
  sagaRoutes,
  type MessageHandler,
  type Route,
  type ServiceDefinition,
  type Transactor,
} from '@ftgo/shared-ts';
import { isUnavailable, postgresTransactor } from '@ftgo/shared-ts/postgres';
import { createMetrics } from '@ftgo/shared-ts/telemetry';
import { freshDatabase, MessageDriver } from '@ftgo/shared-ts/testing';

const repository = join(__dirname, '../..');

/** The folders of all services. */
export const serviceFolders: readonly string[] = readdirSync(repository).filter((folder) =>
  existsSync(join(repository, folder, 'src/cmd/service/main.ts')),
);

const handedOver: ServiceDefinition<unknown>[] = [];
jest.doMock('@ftgo/shared-ts', () => ({
  ...jest.requireActual<object>('@ftgo/shared-ts'),
  runService: (definition: ServiceDefinition<unknown>) => void handedOver.push(definition),
}));

/** A service as its own main file composes it, on real PostgreSQL, with a web server that listens. */
export interface RunningService {
  readonly id: string;
  readonly port: number;
  readonly pool: Pool;
  readonly routes: readonly Route[];
  readonly handlers: readonly MessageHandler<unknown>[];
  readonly messages: MessageDriver<unknown>;
  /** What it has logged as errors, one JSON text each. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

/** Starts the service in a folder within this process. */
export async function startService(folder: string): Promise<RunningService> {
  const definition = definitionIn(folder);
  const database = await freshDatabase(definition.migrations);
  const faults: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) });
  const metrics = createMetrics(definition.id);
  const sagaCounters = sagaMetrics(metrics);
  const { ports, handlers, routes } = definition.compose({ metrics, sagaMetrics: sagaCounters, logger });
  const transactor: Transactor<unknown> = postgresTransactor(database.pool, definition.id, ports);
  const sagas = definition.sagas ?? [];
  const table = [
    ...routes(transactor),
    ...(sagas.length > 0 ? sagaRoutes(sagas, transactor, sagaCounters) : []),
  ];
  const web = createWebServer({
    api: { info: definition.api, routes: table, isUnavailable },
    readiness: [],
    logger,
    metrics,
  });
  const replies = sagas.map((saga) => sagaReplies<unknown, unknown>(saga, sagaCounters));
  const all = [...handlers, ...replies];
  const messages = new MessageDriver(definition.id, transactor, all);
  await messages.start();
  return {
    id: definition.id,
    port: await web.listen(0, '127.0.0.1'),
    pool: database.pool,
    routes: table,
    handlers: all,
    messages,
    faults,
    close: async () => {
      await messages.stop();
      await web.close(0);
      await database.drop();
    },
  };
}

/** What a service's main file hands over to be run. */
function definitionIn(folder: string): ServiceDefinition<unknown> {
  jest.requireActual(join(repository, folder, 'src/cmd/service/main.ts'));
  const definition = handedOver.pop();
  if (definition === undefined) throw new Error(`${folder} runs no service`);
  return definition;
}
