import type { kitchenapi, values } from '@ftgo/serviceapis';
import type { AggregateType, DomainEvent } from '@ftgo/shared-ts/domain';
import { unreachable } from '@ftgo/shared-ts/domain';

/** What happens to a ticket. Names with `kitchenapi.` are published, the others only rebuild the aggregate. */
export type TicketEvent =
  | DomainEvent<'kitchen.TicketOpened', TicketDetails>
  | DomainEvent<'kitchenapi.TicketCreated', kitchenapi.TicketCreated>
  | DomainEvent<'kitchen.TicketDiscarded', Empty>
  | DomainEvent<'kitchen.TicketForestalled', Empty>
  | DomainEvent<'kitchen.HoldForestalled', { readonly holder: string }>
  | DomainEvent<'kitchenapi.TicketAccepted', kitchenapi.TicketAccepted>
  | DomainEvent<'kitchen.TicketCancelling', Empty>
  | DomainEvent<'kitchen.TicketCancelUndone', Empty>
  | DomainEvent<'kitchenapi.TicketCancelled', kitchenapi.TicketCancelled>
  | DomainEvent<'kitchen.TicketRevising', kitchenapi.TicketRevised>
  | DomainEvent<'kitchen.TicketRevisionUndone', Empty>
  | DomainEvent<'kitchenapi.TicketRevised', kitchenapi.TicketRevised>;

type Empty = Record<string, never>;

/** What a ticket is made of, whatever its state. */
export interface TicketDetails {
  readonly orderId: string;
  readonly restaurantId: string;
  readonly lineItems: values.TicketLineItem[];
}

/** What is kept of a ticket, whatever its state. */
interface TicketRecord extends TicketDetails {
  /** Ids of the sagas that have given up a hold without knowing whether they had it, and get no other. */
  readonly forestalled?: readonly string[];
}

/** Where a ticket can be cancelled or revised, and where it returns to when that is undone. */
export type Workable =
  | { readonly status: 'AwaitingAcceptance' }
  | {
      readonly status: 'Accepted';
      /** RFC 3339, UTC; so is `readyBy`. */
      readonly acceptedAt: string;
      readonly readyBy: string;
    };

/** A ticket in one of its states; each has the fields that make sense in it, and no others. */
export type TicketState =
  | { readonly status: 'NotCreated' }
  /** Its creation was cancelled before it came; it will never be opened. */
  | { readonly status: 'Forestalled' }
  | (TicketRecord & { readonly status: 'CreatePending' })
  | (TicketRecord & Workable)
  | (TicketRecord & { readonly status: 'CancelPending'; readonly before: Workable })
  | (TicketRecord & { readonly status: 'Cancelled' })
  | (TicketRecord & {
      readonly status: 'RevisionPending';
      readonly before: Workable;
      readonly revisedQuantities: values.RevisedQuantities;
    });

/** A ticket that was opened. */
export type OpenedTicket = Exclude<TicketState, { status: 'NotCreated' | 'Forestalled' }>;

/** The ticket aggregate, as the event store keeps it. */
export const ticketAggregate: AggregateType<TicketState, TicketEvent> = {
  name: 'kitchenservice.Ticket',
  initial: { status: 'NotCreated' },
  evolve,
  published: new Set<TicketEvent['type']>([
    'kitchenapi.TicketCreated',
    'kitchenapi.TicketAccepted',
    'kitchenapi.TicketCancelled',
    'kitchenapi.TicketRevised',
  ]),
  snapshotVersion: 1,
};

function evolve(state: TicketState, event: TicketEvent): TicketState {
  if (event.type === 'kitchen.TicketOpened') return { status: 'CreatePending', ...recordOf(event.data) };
  if (event.type === 'kitchen.TicketForestalled') return { status: 'Forestalled' };
  if (state.status === 'NotCreated' || state.status === 'Forestalled')
    throw new Error(`${event.type} before the ticket was opened`);
  const details = recordOf(state);
  switch (event.type) {
    case 'kitchenapi.TicketCreated':
      return { status: 'AwaitingAcceptance', ...details };
    case 'kitchen.TicketDiscarded':
    case 'kitchenapi.TicketCancelled':
      return { status: 'Cancelled', ...details };
    case 'kitchen.HoldForestalled':
      return { ...state, forestalled: [...(state.forestalled ?? []), event.data.holder] };
    case 'kitchenapi.TicketAccepted': {
      const { acceptedAt, readyBy } = event.data;
      return { status: 'Accepted', acceptedAt, readyBy, ...details };
    }
    case 'kitchen.TicketCancelling':
      return { status: 'CancelPending', before: workable(state), ...details };
    case 'kitchen.TicketRevising': {
      const { revisedQuantities } = event.data;
      return { status: 'RevisionPending', before: workable(state), revisedQuantities, ...details };
    }
    case 'kitchen.TicketCancelUndone':
    case 'kitchen.TicketRevisionUndone':
      return { ...workable(state), ...details };
    case 'kitchenapi.TicketRevised':
      return {
        ...workable(state),
        ...details,
        lineItems: revised(details.lineItems, event.data.revisedQuantities),
      };
    default:
      return unreachable(event);
  }
}

/** The line items with the quantities that a revision names; the others keep theirs. */
export const revised = (
  lineItems: TicketDetails['lineItems'],
  quantities: values.RevisedQuantities,
): TicketDetails['lineItems'] =>
  lineItems.map((item) => ({
    ...item,
    quantity: Object.hasOwn(quantities, item.menuItemId)
      ? (quantities[item.menuItemId] ?? item.quantity)
      : item.quantity,
  }));

const recordOf = ({ orderId, restaurantId, lineItems, forestalled }: TicketRecord): TicketRecord => ({
  orderId,
  restaurantId,
  lineItems,
  ...(forestalled === undefined ? {} : { forestalled }),
});

/** What the restaurant knows of the ticket: of a held one, where it was before. */
export function workable(state: OpenedTicket): Workable {
  switch (state.status) {
    case 'AwaitingAcceptance':
      return { status: state.status };
    case 'Accepted':
      return { status: state.status, acceptedAt: state.acceptedAt, readyBy: state.readyBy };
    case 'CancelPending':
    case 'RevisionPending':
      return state.before;
    case 'CreatePending':
    case 'Cancelled':
      throw new Error(`a ticket that is ${state.status} is not worked on`);
    default:
      return unreachable(state);
  }
}
