import type { AggregateType, DomainEvent } from '@ftgo/shared-ts/domain';
import { unreachable } from '@ftgo/shared-ts/domain';

/** What happens to an account; nothing of it is published. */
export type AccountEvent =
  | DomainEvent<'accounting.AccountNamed', Naming>
  | DomainEvent<'accounting.AccountOpened', Empty>
  | DomainEvent<'accounting.AccountDisabled', Empty>
  | DomainEvent<'accounting.AccountEnabled', Empty>;

type Empty = Record<string, never>;

/** A name, and the version of the consumer that gave it: of two namings, the one of the higher version counts. */
export interface Naming {
  readonly name: string;
  readonly consumerVersion: number;
}

/**
 * An account in one of its states. Being named and being opened are facts of their own, because the consumer's renaming may arrive
 * before its registration: such an account is Named, and to everybody but the event handlers it does not exist yet.
 */
export type AccountState =
  | { readonly status: 'Unknown' }
  | (Naming & { readonly status: 'Named' })
  | (Naming & { readonly status: 'Enabled' })
  | (Naming & { readonly status: 'Disabled' });

/** An account whose consumer is registered. */
export type OpenAccount = Extract<AccountState, { status: 'Enabled' | 'Disabled' }>;

/** The account aggregate, as the event store keeps it; its id is the consumer's. */
export const accountAggregate: AggregateType<AccountState, AccountEvent> = {
  name: 'accountingservice.Account',
  initial: { status: 'Unknown' },
  evolve,
  published: new Set(),
  snapshotVersion: 1,
};

function evolve(state: AccountState, event: AccountEvent): AccountState {
  if (event.type === 'accounting.AccountNamed') {
    return { status: state.status === 'Unknown' ? 'Named' : state.status, ...event.data };
  }
  if (state.status === 'Unknown') throw new Error(`${event.type} before the account was named`);
  switch (event.type) {
    case 'accounting.AccountOpened':
    case 'accounting.AccountEnabled':
      return { ...state, status: 'Enabled' };
    case 'accounting.AccountDisabled':
      return { ...state, status: 'Disabled' };
    default:
      return unreachable(event);
  }
}
