export { execute } from './execute';
export { GroupingTransactor } from './grouping-transactor';
export type { StagedWrites } from './staged-writes';
export type { Stores } from './stores';
export type { ExecuteOptions, Transaction, Transactor } from './transactor';
export { EVENTS_PER_SNAPSHOT, Scope, UnitOfWork } from './unit-of-work';
