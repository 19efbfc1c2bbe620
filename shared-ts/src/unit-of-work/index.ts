export { execute } from './execute';
export { GroupingTransactor } from './grouping-transactor';
export { ProcessMemory } from './process-memory';
export { Scope } from './scope';
export type { StagedWrites } from './staged-writes';
export type { Stores } from './stores';
export type { ExecuteOptions, Transaction, Transactor } from './transactor';
export { EVENTS_PER_SNAPSHOT, UnitOfWork } from './unit-of-work';
