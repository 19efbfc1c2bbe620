import type { Pool } from 'pg';
import { ConcurrencyConflict } from '../event-sourcing';
import { execute, ProcessMemory, UnitOfWork, type Scope, type Transactor } from '../unit-of-work';
import { isContention } from './errors';
import { PostgresSession } from './session';
import { postgresStores } from './stores';

/** Makes a service's ports for one scope of a transaction. */
export type PostgresPorts<Ports> = (scope: Scope, session: PostgresSession) => Ports;

/**
 * Runs each transaction on a connection of the pool, at READ COMMITTED: the event store's key, versions of sagas and row locks do what is needed beyond it.
 * @param memory one for all transactors of a process
 */
export function postgresTransactor<Ports>(
  pool: Pool,
  serviceId: string,
  bind: PostgresPorts<Ports>,
  memory = new ProcessMemory(),
): Transactor<Ports> {
  const transactor: Transactor<Ports> = {
    transaction: async (work) => {
      const client = await pool.connect();
      // A connection that breaks between two queries says so by an event; the next query reports it to the caller.
      client.on('error', ignore);
      let broken: Error | undefined;
      const session = new PostgresSession(client);
      try {
        session.begin();
        const unitOfWork = new UnitOfWork(postgresStores(session), serviceId, memory);
        const result = await work({ work: unitOfWork, ports: (scope) => bind(scope, session) });
        await unitOfWork.flush(() => session.commit());
        unitOfWork.committed();
        return result;
      } catch (error) {
        broken = await rollBack(session);
        if (isContention(error)) {
          throw new ConcurrencyConflict('two transactions waited for each other', { cause: error });
        }
        throw error;
      } finally {
        client.off('error', ignore);
        client.release(broken);
      }
    },
    execute: (context, work, options) => execute(transactor, context, work, options),
  };
  return transactor;
}

const ignore = (): void => undefined;

/** Gives the error that shows the connection to be unusable, so that the pool drops it. */
async function rollBack(session: PostgresSession): Promise<Error | undefined> {
  try {
    await session.rollBack();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
