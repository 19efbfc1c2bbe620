import { Rejection } from '@ftgo/shared-ts/domain';
import {
  approve,
  beginCancel,
  beginRevise,
  confirmCancel,
  confirmRevise,
  reject,
  undoCancel,
  undoRevise,
} from '../../src/domain/decisions';
import type { OrderEvent, OrderState } from '../../src/domain/order';
import { placeOrder } from '../../src/domain/place-order';
import { ajanta, histories, ids, orderThatIs, request } from '../sample-orders';

const { order, ticket } = ids;
const fewer = { vindaloo: 1 };

type Decision = (state: OrderState) => OrderEvent[];

const decisions = {
  'place it': (state) => placeOrder(state, request, ajanta),
  'approve it': (state) => approve(state, order, ticket),
  'reject it': (state) => reject(state, order, 'CONSUMER_NOT_FOUND'),
  'begin to cancel it': (state) => beginCancel(state, order),
  'undo its cancellation': (state) => undoCancel(state, order),
  'confirm its cancellation': (state) => confirmCancel(state, order),
  'begin to revise it': (state) => beginRevise(state, order, fewer),
  'undo its revision': (state) => undoRevise(state, order),
  'confirm its revision': (state) => confirmRevise(state, order, fewer),
} satisfies Record<string, Decision>;

const nothing = 'nothing, it is done';
const conflict = 'a conflict';
const unknown = 'not found';

/** What comes of each decision in each state: the event, nothing because it was done before, or a rejection. */
const outcomes: Record<keyof typeof decisions, Record<OrderState['status'], string>> = {
  'place it': {
    NotPlaced: 'orderapi.OrderCreated',
    ApprovalPending: conflict,
    Approved: conflict,
    Rejected: conflict,
    CancelPending: conflict,
    Cancelled: conflict,
    RevisionPending: conflict,
  },
  'approve it': {
    NotPlaced: unknown,
    ApprovalPending: 'orderapi.OrderApproved',
    Approved: nothing,
    Rejected: conflict,
    CancelPending: nothing,
    Cancelled: nothing,
    RevisionPending: nothing,
  },
  'reject it': {
    NotPlaced: unknown,
    ApprovalPending: 'orderapi.OrderRejected',
    Approved: conflict,
    Rejected: nothing,
    CancelPending: conflict,
    Cancelled: conflict,
    RevisionPending: conflict,
  },
  'begin to cancel it': {
    NotPlaced: unknown,
    ApprovalPending: conflict,
    Approved: 'order.OrderCancelling',
    Rejected: conflict,
    CancelPending: conflict,
    Cancelled: conflict,
    RevisionPending: conflict,
  },
  'undo its cancellation': {
    NotPlaced: unknown,
    ApprovalPending: conflict,
    Approved: nothing,
    Rejected: conflict,
    CancelPending: 'order.OrderCancelUndone',
    Cancelled: conflict,
    RevisionPending: conflict,
  },
  'confirm its cancellation': {
    NotPlaced: unknown,
    ApprovalPending: conflict,
    Approved: conflict,
    Rejected: conflict,
    CancelPending: 'orderapi.OrderCancelled',
    Cancelled: nothing,
    RevisionPending: conflict,
  },
  'begin to revise it': {
    NotPlaced: unknown,
    ApprovalPending: conflict,
    Approved: 'orderapi.OrderProposedRevision',
    Rejected: conflict,
    CancelPending: conflict,
    Cancelled: conflict,
    RevisionPending: conflict,
  },
  'undo its revision': {
    NotPlaced: unknown,
    ApprovalPending: conflict,
    Approved: nothing,
    Rejected: conflict,
    CancelPending: conflict,
    Cancelled: conflict,
    RevisionPending: 'order.OrderRevisionUndone',
  },
  'confirm its revision': {
    NotPlaced: unknown,
    ApprovalPending: conflict,
    Approved: conflict,
    Rejected: conflict,
    CancelPending: conflict,
    Cancelled: conflict,
    RevisionPending: 'orderapi.OrderRevised',
  },
};

function outcomeOf(decide: Decision, state: OrderState): string {
  try {
    const events = decide(state);
    return events.length === 0 ? nothing : events.map((event) => event.type).join(', ');
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { 'not-found': unknown, conflict, unprocessable: 'unprocessable' }[error.kind];
  }
}

const statuses = Object.keys(histories) as OrderState['status'][];

describe.each(Object.entries(decisions))('to %s', (name, decide) => {
  it.each(statuses.map((status) => [status, outcomes[name as keyof typeof decisions][status]] as const))(
    'when the order is %s gives %s',
    (status, outcome) => {
      expect(outcomeOf(decide, orderThatIs(status))).toBe(outcome);
    },
  );
});

describe('the table above', () => {
  it.each(statuses)('has a history for %s that leads there', (status) => {
    expect(orderThatIs(status).status).toBe(status);
  });
});
