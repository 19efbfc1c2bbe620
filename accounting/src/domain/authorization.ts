import type { AggregateType, DomainEvent } from '@ftgo/shared-ts/domain';
import { unreachable } from '@ftgo/shared-ts/domain';

/** What happens to an order's authorization; nothing of it is published. */
export type AuthorizationEvent =
  | DomainEvent<'accounting.OrderAuthorized', { readonly consumerId: string; readonly total: number }>
  | DomainEvent<'accounting.AuthorizationRevised', { readonly total: number; readonly revisionId: string }>
  | DomainEvent<'accounting.AuthorizationReversed', Record<string, never>>
  | DomainEvent<'accounting.AuthorizationForestalled', Record<string, never>>;

/** What an authorization is made of, whatever its state. */
export interface AuthorizationDetails {
  readonly consumerId: string;
  /** Cents, as they were authorized first. */
  readonly firstTotal: number;
  /** Cents, as they are now. */
  readonly total: number;
  /** What asked for the last revision; tells its repetition from another revision. */
  readonly revisionId?: string;
}

/** An order's authorization in one of its states. */
export type AuthorizationState =
  | { readonly status: 'None' }
  /** It was taken back before it was asked for; it will never be given. */
  | { readonly status: 'Forestalled' }
  | (AuthorizationDetails & { readonly status: 'Authorized' })
  | (AuthorizationDetails & { readonly status: 'Reversed' });

/** An authorization that was given, whether or not it was reversed since. */
export type GivenAuthorization = Exclude<AuthorizationState, { status: 'None' | 'Forestalled' }>;

/**
 * The authorization aggregate, as the event store keeps it; its id is the order's. It is an aggregate of its own and no part of the account, so that
 * an account with ten thousand orders costs what a new one does, and orders of one consumer don't contend for one stream. What an
 * authorization needs of the account is whether it is disabled: one that is disabled at the same moment is as if it were disabled just after.
 */
export const authorizationAggregate: AggregateType<AuthorizationState, AuthorizationEvent> = {
  name: 'accountingservice.Authorization',
  initial: { status: 'None' },
  evolve,
  published: new Set(),
  snapshotVersion: 1,
};

function evolve(state: AuthorizationState, event: AuthorizationEvent): AuthorizationState {
  if (event.type === 'accounting.OrderAuthorized') {
    const { consumerId, total } = event.data;
    return { status: 'Authorized', consumerId, firstTotal: total, total };
  }
  if (event.type === 'accounting.AuthorizationForestalled') return { status: 'Forestalled' };
  if (state.status === 'None' || state.status === 'Forestalled')
    throw new Error(`${event.type} before the order was authorized`);
  switch (event.type) {
    case 'accounting.AuthorizationRevised':
      return { ...state, ...event.data };
    case 'accounting.AuthorizationReversed':
      return { ...state, status: 'Reversed' };
    default:
      return unreachable(event);
  }
}
