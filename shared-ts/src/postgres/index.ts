export { answering } from './answering';
export { column, columns, inOrderOf, texts, uuids } from './arrays';
export { postgresDeadLetters, waitingDeadLetters } from './dead-letters';
export { isUnavailable, sqlState } from './errors';
export { migrate, type SharedMigration } from './migrate';
export { createPool } from './pool';
export { PostgresSession, type Statement } from './session';
export { postgresStores } from './stores';
export { postgresTransactor, type PostgresPorts } from './transactor';
