import type { Scope } from '@ftgo/shared-ts';
import type { InMemoryPorts } from '@ftgo/shared-ts/in-memory';
import type { PostgresPorts } from '@ftgo/shared-ts/postgres';
import type { AccountingPorts } from '../application';
import { accountAggregate } from '../domain/account';
import { authorizationAggregate } from '../domain/authorization';

const portsOf = (scope: Scope): AccountingPorts => ({
  accounts: scope.aggregates(accountAggregate),
  authorizations: scope.aggregates(authorizationAggregate),
});

/** The accounting service's ports on PostgreSQL; the event store is all that it keeps. */
export const postgresPorts: PostgresPorts<AccountingPorts> = portsOf;

/** The accounting service's ports in memory. */
export const inMemoryPorts: InMemoryPorts<AccountingPorts> = portsOf;
