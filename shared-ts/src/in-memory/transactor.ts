import { execute, ProcessMemory, UnitOfWork, type Scope, type Transactor } from '../unit-of-work';
import type { InMemoryDatabase, InMemorySession } from './database';
import { inMemoryStores } from './stores';

/** Makes a service's ports for one scope of a transaction. */
export type InMemoryPorts<Ports> = (scope: Scope, session: InMemorySession) => Ports;

/** A Transactor without a database server, for tests and for trying things out. */
export function inMemoryTransactor<Ports>(
  database: InMemoryDatabase,
  serviceId: string,
  bind: InMemoryPorts<Ports>,
): Transactor<Ports> {
  const memory = new ProcessMemory();
  const transactor: Transactor<Ports> = {
    transaction: async (work) => {
      const [result, unitOfWork] = await database.transaction(async (session) => {
        const unit = new UnitOfWork(inMemoryStores(session), serviceId, memory);
        const done = await work({ work: unit, ports: (scope) => bind(scope, session) });
        await unit.flush(async () => undefined);
        return [done, unit] as const;
      });
      unitOfWork.committed();
      return result;
    },
    execute: (context, work, options) => execute(transactor, context, work, options),
  };
  return transactor;
}
