import { Rejection } from '@ftgo/shared-ts/domain';
import {
  accept,
  beginCancel,
  beginRevise,
  cancelCreate,
  confirmCancel,
  confirmCreate,
  confirmRevise,
  undoCancel,
  undoRevise,
} from '../../src/domain/decisions';
import type { TicketEvent, TicketState } from '../../src/domain/ticket';
import * as t from './tickets';

/** What a decision gives: the events' names ('' for none), or the code of the rejection. */
type Expected = Record<t.History, readonly TicketEvent[] | string>;

const STATE = 'TICKET_STATE';
const nothing: readonly TicketEvent[] = [];

function outcomeOf(decide: () => readonly TicketEvent[]): readonly TicketEvent[] | string {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Rejection) return error.code;
    throw error;
  }
}

function inEveryState(decide: (state: TicketState) => readonly TicketEvent[], expected: Expected): void {
  it.each(Object.entries(expected))('%s', (history, outcome) => {
    const state = t.given(...t.histories[history as t.History]);
    expect(outcomeOf(() => decide(state))).toEqual(outcome);
  });
}

const revision = { ...t.ofRestaurant, revisedQuantities: t.revisedQuantities };

describe('Confirming the creation of a ticket that is', () => {
  inEveryState((state) => confirmCreate(state, t.ticketId), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: [t.confirmed],
    AwaitingAcceptance: nothing,
    Accepted: nothing,
    'CancelPending, not accepted': nothing,
    'CancelPending, accepted': nothing,
    Cancelled: STATE,
    'RevisionPending, not accepted': nothing,
    'RevisionPending, accepted': nothing,
  });
});

describe('Cancelling the creation of a ticket that is', () => {
  inEveryState((state) => cancelCreate(state, t.ticketId), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: [t.discarded],
    AwaitingAcceptance: STATE,
    Accepted: STATE,
    'CancelPending, not accepted': STATE,
    'CancelPending, accepted': STATE,
    Cancelled: nothing,
    'RevisionPending, not accepted': STATE,
    'RevisionPending, accepted': STATE,
  });

  it('leaves it cancelled, without telling the other services', () => {
    expect(t.given(t.opened, t.discarded)).toMatchObject({ status: 'Cancelled', orderId: t.orderId });
  });
});

describe('Accepting a ticket that is', () => {
  inEveryState((state) => accept(state, t.ticketId, { acceptedAt: t.acceptedAt, readyBy: t.readyBy }), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: STATE,
    AwaitingAcceptance: [t.accepted],
    Accepted: STATE,
    'CancelPending, not accepted': STATE,
    'CancelPending, accepted': STATE,
    Cancelled: STATE,
    'RevisionPending, not accepted': STATE,
    'RevisionPending, accepted': STATE,
  });

  it.each([
    ['now', t.acceptedAt, 'READY_BY_NOT_IN_FUTURE'],
    ['a millisecond ago', '2030-01-01T11:59:59.999Z', 'READY_BY_NOT_IN_FUTURE'],
    ['in a millisecond', '2030-01-01T12:00:00.001Z', 'kitchenapi.TicketAccepted'],
    ['earlier by the clock of another time zone', '2030-01-01T12:30:00.000+01:00', 'READY_BY_NOT_IN_FUTURE'],
  ])('AwaitingAcceptance, to be ready %s', (_when, readyBy, expected) => {
    const state = t.given(t.opened, t.confirmed);
    const outcome = outcomeOf(() => accept(state, t.ticketId, { acceptedAt: t.acceptedAt, readyBy }));
    expect(typeof outcome === 'string' ? outcome : outcome[0]?.type).toBe(expected);
  });
});

describe('Beginning to cancel a ticket that is', () => {
  inEveryState((state) => beginCancel(state, t.ofRestaurant), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: STATE,
    AwaitingAcceptance: [t.cancelling],
    Accepted: [t.cancelling],
    'CancelPending, not accepted': nothing,
    'CancelPending, accepted': nothing,
    Cancelled: STATE,
    'RevisionPending, not accepted': STATE,
    'RevisionPending, accepted': STATE,
  });
});

describe('Undoing the cancellation of a ticket that is', () => {
  inEveryState((state) => undoCancel(state, t.ofRestaurant), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: nothing,
    AwaitingAcceptance: nothing,
    Accepted: nothing,
    'CancelPending, not accepted': [t.cancelUndone],
    'CancelPending, accepted': [t.cancelUndone],
    Cancelled: nothing,
    'RevisionPending, not accepted': nothing,
    'RevisionPending, accepted': nothing,
  });
});

describe('Confirming the cancellation of a ticket that is', () => {
  inEveryState((state) => confirmCancel(state, t.ofRestaurant), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: STATE,
    AwaitingAcceptance: STATE,
    Accepted: STATE,
    'CancelPending, not accepted': [t.cancelled],
    'CancelPending, accepted': [t.cancelled],
    Cancelled: nothing,
    'RevisionPending, not accepted': STATE,
    'RevisionPending, accepted': STATE,
  });
});

describe('Beginning to revise a ticket that is', () => {
  inEveryState((state) => beginRevise(state, revision), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: STATE,
    AwaitingAcceptance: [t.revising],
    Accepted: [t.revising],
    'CancelPending, not accepted': STATE,
    'CancelPending, accepted': STATE,
    Cancelled: STATE,
    'RevisionPending, not accepted': nothing,
    'RevisionPending, accepted': nothing,
  });

  const begin = (revisedQuantities: Readonly<Record<string, number>>, ...history: readonly TicketEvent[]) =>
    outcomeOf(() => beginRevise(t.given(...history), { ...t.ofRestaurant, revisedQuantities }));

  it.each([
    ['an item that the ticket lacks', { soup: 3, bread: 1 }],
    ['a name that every object has', { constructor: 1 }],
  ])('AwaitingAcceptance, by %s', (_what, quantities) => {
    expect(begin(quantities, t.opened, t.confirmed)).toBe('TICKET_ITEM_NOT_FOUND');
  });

  it.each([
    ['another quantity', { soup: 4 }],
    ['another item', { cake: 3 }],
    ['one item more', { soup: 3, cake: 2 }],
  ])('RevisionPending, by %s than what it is held for', (_what, quantities) => {
    expect(begin(quantities, t.opened, t.confirmed, t.revising)).toBe(STATE);
  });
});

describe('Undoing the revision of a ticket that is', () => {
  inEveryState((state) => undoRevise(state, t.ofRestaurant), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: nothing,
    AwaitingAcceptance: nothing,
    Accepted: nothing,
    'CancelPending, not accepted': nothing,
    'CancelPending, accepted': nothing,
    Cancelled: nothing,
    'RevisionPending, not accepted': [t.revisionUndone],
    'RevisionPending, accepted': [t.revisionUndone],
  });
});

describe('Confirming the revision of a ticket that is', () => {
  inEveryState((state) => confirmRevise(state, revision), {
    NotCreated: 'TICKET_NOT_FOUND',
    CreatePending: STATE,
    AwaitingAcceptance: STATE,
    Accepted: STATE,
    'CancelPending, not accepted': STATE,
    'CancelPending, accepted': STATE,
    Cancelled: STATE,
    'RevisionPending, not accepted': [t.revised],
    'RevisionPending, accepted': [t.revised],
  });

  it('AwaitingAcceptance with these quantities, because it was confirmed before', () => {
    const state = t.given(t.opened, t.confirmed, t.revising, t.revised);
    expect(outcomeOf(() => confirmRevise(state, revision))).toEqual([]);
  });

  it('RevisionPending applies what was proposed, whatever the confirmation repeats', () => {
    const state = t.given(t.opened, t.confirmed, t.revising);
    const other = { ...t.ofRestaurant, revisedQuantities: { soup: 9 } };
    expect(outcomeOf(() => confirmRevise(state, other))).toEqual([t.revised]);
  });
});

describe('A ticket of another restaurant than the command names', () => {
  const foreign = { ...revision, restaurantId: '0193c004-0000-7000-8000-000000000004' };
  const decisions = { beginCancel, undoCancel, confirmCancel, beginRevise, undoRevise, confirmRevise };

  it.each(Object.entries(decisions))('is left alone by %s', (_name, decide) => {
    for (const history of Object.values(t.histories).filter((events) => events.length > 0)) {
      expect(outcomeOf(() => decide(t.given(...history), foreign))).toBe('TICKET_OF_ANOTHER_RESTAURANT');
    }
  });
});
