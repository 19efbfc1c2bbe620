import { replay } from '@ftgo/shared-ts/domain';
import { orderAggregate, type OrderEvent, type OrderState } from '../src/domain/order';
import type { OrderRequest } from '../src/domain/place-order';
import type { Restaurant } from '../src/domain/restaurant';

/** Ids that the specs know by name. */
export const ids = {
  order: '01930000-0000-7000-8000-000000000001',
  consumer: '01930000-0000-7000-8000-000000000002',
  restaurant: '01930000-0000-7000-8000-000000000003',
  ticket: '01930000-0000-7000-8000-000000000004',
  nobody: '01930000-0000-7000-8000-000000000009',
};

export const ajanta: Restaurant = {
  id: ids.restaurant,
  name: 'Ajanta',
  menu: [
    { id: 'vindaloo', name: 'Chicken Vindaloo', price: 1234 },
    { id: 'lassi', name: 'Mango Lassi', price: 399 },
    { id: 'water', name: 'Tap Water', price: 0 },
  ],
};

export const home = { street1: '9 Amazing View', city: 'Oakland', state: 'CA', zip: '94612' };

/** Two vindaloos and a lassi: 28.67. */
export const request: OrderRequest = {
  consumerId: ids.consumer,
  lineItems: { vindaloo: 2, lassi: 1 },
  deliverAt: '2030-01-31T18:30:00.000Z',
  deliverTo: home,
};

export const placed = {
  type: 'orderapi.OrderCreated',
  data: {
    consumerId: ids.consumer,
    restaurantId: ids.restaurant,
    restaurantName: 'Ajanta',
    lineItems: [
      { menuItemId: 'vindaloo', name: 'Chicken Vindaloo', price: 1234, quantity: 2 },
      { menuItemId: 'lassi', name: 'Mango Lassi', price: 399, quantity: 1 },
    ],
    orderTotal: 2867,
    deliverAt: '2030-01-31T18:30:00.000Z',
    deliverTo: home,
  },
} satisfies OrderEvent;

const approved: OrderEvent = { type: 'orderapi.OrderApproved', data: { ticketId: ids.ticket } };

/** One vindaloo instead of two: 16.33. */
export const revision = {
  currentOrderTotal: 2867,
  newOrderTotal: 1633,
  revisedQuantities: { vindaloo: 1 },
};

/** What has happened to an order in each of its states. */
export const histories: Readonly<Record<OrderState['status'], readonly OrderEvent[]>> = {
  NotPlaced: [],
  ApprovalPending: [placed],
  Approved: [placed, approved],
  Rejected: [placed, { type: 'orderapi.OrderRejected', data: { reason: 'accountingapi.AccountDisabled' } }],
  CancelPending: [placed, approved, { type: 'order.OrderCancelling', data: {} }],
  Cancelled: [
    placed,
    approved,
    { type: 'order.OrderCancelling', data: {} },
    { type: 'orderapi.OrderCancelled', data: {} },
  ],
  RevisionPending: [placed, approved, { type: 'orderapi.OrderProposedRevision', data: revision }],
};

/** The state of an order after some events. */
export const after = (...events: readonly OrderEvent[]): OrderState => replay(orderAggregate, events);

/** The order in one of its states. */
export const orderThatIs = (status: OrderState['status']): OrderState => after(...histories[status]);
