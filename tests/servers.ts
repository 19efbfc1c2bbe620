import type { NatsServer } from '../scripts/src/infrastructure/nats';
import type { PostgresServer } from '../scripts/src/infrastructure/postgres';

/** What the global set-up has started, for the tear-down, which runs in the same process. */
export const servers: { folder?: string; postgres?: PostgresServer; nats?: NatsServer } = {};
