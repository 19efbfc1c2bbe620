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
    Forestalled: 'TICKET_NOT_FOUND',
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
    NotCreated: [t.forestalled],
    Forestalled: nothing,
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

  it('has it refused when it comes after all, again and again', () => {
    const state = t.given(t.forestalled);
    expect(state).toEqual({ status: 'Forestalled' });
    expect(outcomeOf(() => cancelCreate(state, t.ticketId))).toEqual([]);
  });
});

describe('Accepting a ticket that is', () => {
  inEveryState((state) => accept(state, t.ticketId, { acceptedAt: t.acceptedAt, readyBy: t.readyBy }), {
    NotCreated: 'TICKET_NOT_FOUND',
    Forestalled: 'TICKET_NOT_FOUND',
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
    Forestalled: 'TICKET_NOT_FOUND',
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
    Forestalled: 'TICKET_NOT_FOUND',
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
    Forestalled: 'TICKET_NOT_FOUND',
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
    Forestalled: 'TICKET_NOT_FOUND',
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
    Forestalled: 'TICKET_NOT_FOUND',
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
    Forestalled: 'TICKET_NOT_FOUND',
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
    for (const history of Object.values(t.histories).filter(
      (events) => events.length > 1 || events[0] === t.opened,
    )) {
      expect(outcomeOf(() => decide(t.given(...history), foreign))).toBe('TICKET_OF_ANOTHER_RESTAURANT');
    }
  });
});

describe('A saga that gives up its hold without knowing whether it has it', () => {
  const begin = {
    cancel: (state: TicketState) => beginCancel(state, t.ofRestaurant, t.holder),
    revise: (state: TicketState) => beginRevise(state, revision, t.holder),
  };
  const undo = {
    cancel: (state: TicketState, doubter?: string) => undoCancel(state, t.ofRestaurant, doubter),
    revise: (state: TicketState, doubter?: string) => undoRevise(state, t.ofRestaurant, doubter),
  };
  const undone = { cancel: t.cancelUndone, revise: t.revisionUndone };
  const kinds = ['cancel', 'revise'] as const;
  const workableTickets = [
    ['AwaitingAcceptance', t.histories.AwaitingAcceptance],
    ['Accepted', t.histories.Accepted],
  ] as const;

  it.each(kinds)('frees the ticket where it has it (%s)', (kind) => {
    const events = [...t.histories.Accepted];
    const held = t.given(...events, ...begin[kind](t.given(...events)));
    expect(undo[kind](held, t.holder)).toEqual([undone[kind], t.holdForestalled]);
  });

  describe.each(kinds)('never gets it where it has not (%s)', (kind) => {
    it.each(workableTickets)('a ticket that is %s', (status, events) => {
      const before = t.given(...events);
      expect(undo[kind](before, t.holder)).toEqual([t.holdForestalled]);
      const after = t.given(...events, t.holdForestalled);
      expect(after).toEqual({ ...before, forestalled: [t.holder] });
      expect(after.status).toBe(status);
      expect(outcomeOf(() => begin[kind](after))).toBe(STATE);
    });
  });

  it.each(kinds)('and says so once (%s)', (kind) => {
    expect(undo[kind](t.given(t.opened, t.confirmed, t.holdForestalled), t.holder)).toEqual([]);
  });

  it.each(kinds)('leaves the ticket to other sagas, whatever becomes of it (%s)', (kind) => {
    const other = '0193c008-0000-7000-8000-000000000008';
    const events = [t.opened, t.confirmed, t.holdForestalled, t.accepted, t.cancelling, t.cancelUndone];
    const state = t.given(...events);
    expect(outcomeOf(() => begin[kind](state))).toBe(STATE);
    expect(beginCancel(state, t.ofRestaurant, other)).toEqual([t.cancelling]);
    expect(beginRevise(state, revision, other)).toEqual([t.revising]);
    expect(beginCancel(state, t.ofRestaurant)).toEqual([t.cancelling]);
  });

  it.each(kinds)('is told from one that knows that it has none: that is no news (%s)', (kind) => {
    expect(undo[kind](t.given(t.opened, t.confirmed))).toEqual([]);
  });
});
