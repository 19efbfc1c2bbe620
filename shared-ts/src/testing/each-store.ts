/// <reference types="jest" />
import { InMemoryDatabase, inMemoryTransactor, type InMemoryPorts } from '../in-memory';
import { newId } from '../ids';
import type { MessageContext } from '../messaging';
import { postgresTransactor, type PostgresPorts } from '../postgres';
import type { Transactor } from '../unit-of-work';
import { freshDatabase, type TestDatabase, type TestSchema } from './fresh-database';

/** A service's two sets of adapters. */
export interface BothAdapters<Ports> {
  readonly serviceId: string;
  readonly schema: TestSchema;
  readonly inMemory: InMemoryPorts<Ports>;
  readonly postgres: PostgresPorts<Ports>;
}

/**
 * Runs a contract suite twice: on the in-memory adapters and on PostgreSQL.
 * @param suite gets a function that gives the transactor of the test that runs, on a store of the suite's own
 */
export function eachStore<Ports>(
  { serviceId, schema, inMemory, postgres }: BothAdapters<Ports>,
  suite: (transactor: () => Transactor<Ports>) => void,
): void {
  describe('in memory', () => {
    let transactor: Transactor<Ports>;
    beforeAll(() => {
      transactor = inMemoryTransactor(new InMemoryDatabase(), serviceId, inMemory);
    });
    suite(() => transactor);
  });

  describe('on PostgreSQL', () => {
    let database: TestDatabase;
    let transactor: Transactor<Ports>;
    beforeAll(async () => {
      database = await freshDatabase(schema);
      transactor = postgresTransactor(database.pool, serviceId, postgres);
    });
    afterAll(() => database.drop());
    suite(() => transactor);
  });
}

/** The context of a made-up request. */
export const testContext = (): MessageContext => ({ correlationId: newId(), causationId: newId() });
