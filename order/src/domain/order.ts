import type { orderapi } from '@ftgo/serviceapis';
import type { AggregateType, DomainEvent } from '@ftgo/shared-ts/domain';
import { unreachable } from '@ftgo/shared-ts/domain';

/** What happens to an order. Names with `orderapi.` are published, the others only rebuild the aggregate. */
export type OrderEvent =
  | DomainEvent<'orderapi.OrderCreated', orderapi.OrderCreated>
  | DomainEvent<'orderapi.OrderApproved', orderapi.OrderApproved>
  | DomainEvent<'orderapi.OrderRejected', orderapi.OrderRejected>
  | DomainEvent<'order.OrderCancelling', Empty>
  | DomainEvent<'order.OrderCancelUndone', Empty>
  | DomainEvent<'orderapi.OrderCancelled', orderapi.OrderCancelled>
  | DomainEvent<'orderapi.OrderProposedRevision', orderapi.OrderProposedRevision>
  | DomainEvent<'order.OrderRevisionUndone', Empty>
  | DomainEvent<'orderapi.OrderRevised', orderapi.OrderRevised>;

type Empty = Record<string, never>;

/** What an order is made of, whatever its state. */
export type OrderDetails = Pick<
  orderapi.OrderCreated,
  'consumerId' | 'restaurantId' | 'restaurantName' | 'lineItems' | 'orderTotal' | 'deliverAt' | 'deliverTo'
>;

/** An order in one of its states; each has the fields that make sense in it, and no others. */
export type OrderState =
  | { readonly status: 'NotPlaced' }
  | (OrderDetails & { readonly status: 'ApprovalPending' })
  | (OrderDetails & { readonly status: 'Approved'; readonly ticketId: string })
  | (OrderDetails & { readonly status: 'Rejected'; readonly reason?: string })
  | (OrderDetails & { readonly status: 'CancelPending'; readonly ticketId: string })
  | (OrderDetails & { readonly status: 'Cancelled'; readonly ticketId: string })
  | (OrderDetails & {
      readonly status: 'RevisionPending';
      readonly ticketId: string;
      readonly revision: orderapi.OrderProposedRevision;
    });

/** An order that was placed. */
export type PlacedOrder = Exclude<OrderState, { status: 'NotPlaced' }>;

/** The order aggregate, as the event store keeps it. */
export const orderAggregate: AggregateType<OrderState, OrderEvent> = {
  name: 'orderservice.Order',
  initial: { status: 'NotPlaced' },
  evolve,
  published: new Set<OrderEvent['type']>([
    'orderapi.OrderCreated',
    'orderapi.OrderApproved',
    'orderapi.OrderRejected',
    'orderapi.OrderCancelled',
    'orderapi.OrderProposedRevision',
    'orderapi.OrderRevised',
  ]),
  snapshotVersion: 1,
};

function evolve(state: OrderState, event: OrderEvent): OrderState {
  if (event.type === 'orderapi.OrderCreated') return { status: 'ApprovalPending', ...event.data };
  if (state.status === 'NotPlaced') throw new Error(`${event.type} before the order was placed`);
  const details = detailsOf(state);
  switch (event.type) {
    case 'orderapi.OrderApproved':
      return { status: 'Approved', ticketId: event.data.ticketId, ...details };
    case 'orderapi.OrderRejected':
      return { status: 'Rejected', reason: event.data.reason, ...details };
    case 'order.OrderCancelling':
      return { status: 'CancelPending', ticketId: ticketOf(state), ...details };
    case 'order.OrderCancelUndone':
    case 'order.OrderRevisionUndone':
      return { status: 'Approved', ticketId: ticketOf(state), ...details };
    case 'orderapi.OrderCancelled':
      return { status: 'Cancelled', ticketId: ticketOf(state), ...details };
    case 'orderapi.OrderProposedRevision':
      return { status: 'RevisionPending', ticketId: ticketOf(state), revision: event.data, ...details };
    case 'orderapi.OrderRevised': {
      const lineItems = revised(details.lineItems, event.data.revisedQuantities);
      const orderTotal = event.data.newOrderTotal;
      return { status: 'Approved', ticketId: ticketOf(state), ...details, lineItems, orderTotal };
    }
    default:
      return unreachable(event);
  }
}

/** The line items with the quantities that a revision names; the others keep theirs. */
export const revised = (
  lineItems: OrderDetails['lineItems'],
  quantities: Readonly<Record<string, number>>,
): OrderDetails['lineItems'] =>
  lineItems.map((item) => ({
    ...item,
    quantity: Object.hasOwn(quantities, item.menuItemId)
      ? (quantities[item.menuItemId] ?? item.quantity)
      : item.quantity,
  }));

/** Cents. */
export const totalOf = (lineItems: OrderDetails['lineItems']): number =>
  lineItems.reduce((total, { price, quantity }) => total + price * quantity, 0);

const detailsOf = ({
  consumerId,
  restaurantId,
  restaurantName,
  lineItems,
  orderTotal,
  deliverAt,
  deliverTo,
}: PlacedOrder): OrderDetails => ({
  consumerId,
  restaurantId,
  restaurantName,
  lineItems,
  orderTotal,
  deliverAt,
  deliverTo,
});

function ticketOf(state: PlacedOrder): string {
  if ('ticketId' in state) return state.ticketId;
  throw new Error(`an order that is ${state.status} has no ticket`);
}
