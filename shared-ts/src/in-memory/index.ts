export { InMemoryDatabase, InMemorySession } from './database';
export { inMemoryStores, tables } from './stores';
export { inMemoryTransactor, type InMemoryPorts } from './transactor';
