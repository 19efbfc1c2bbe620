import type { AggregateRepository } from '@ftgo/shared-ts';
import type { AccountEvent, AccountState } from '../domain/account';
import type { AuthorizationEvent, AuthorizationState } from '../domain/authorization';

/** All that the accounting service's commands and queries need. */
export interface AccountingPorts {
  readonly accounts: AggregateRepository<AccountState, AccountEvent>;
  readonly authorizations: AggregateRepository<AuthorizationState, AuthorizationEvent>;
}
