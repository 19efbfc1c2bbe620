import fc from 'fast-check';
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
import { openTicket } from '../../src/domain/open-ticket';
import { ticketAggregate, type TicketEvent, type TicketState } from '../../src/domain/ticket';
import * as t from './tickets';

const restaurant = {
  id: t.restaurantId,
  menu: t.lineItems.map(({ menuItemId, name }) => ({ id: menuItemId, name, price: 100 })),
};

type Decide = (state: TicketState) => readonly TicketEvent[];

const quantities = fc.dictionary(fc.constantFrom('soup', 'cake'), fc.nat(20), { minKeys: 1 });
const revision = quantities.map((revisedQuantities) => ({ ...t.ofRestaurant, revisedQuantities }));
type Revision = typeof revision extends fc.Arbitrary<infer R> ? R : never;

/** Any command; the sagas confirm a revision with the quantities that they began it with. */
const commandOf = (change: Revision): fc.Arbitrary<Decide> =>
  fc.constantFrom<Decide>(
    (state) => openTicket(state, { orderId: t.orderId, lineItems: t.lineItems }, restaurant),
    (state) => confirmCreate(state, t.ticketId),
    (state) => cancelCreate(state, t.ticketId),
    accepting,
    (state) => beginCancel(state, t.ofRestaurant, t.holder),
    (state) => undoCancel(state, t.ofRestaurant),
    (state) => undoCancel(state, t.ofRestaurant, t.holder),
    (state) => confirmCancel(state, t.ofRestaurant),
    (state) => beginRevise(state, change),
    (state) => undoRevise(state, t.ofRestaurant),
    (state) => undoRevise(state, t.ofRestaurant, t.holder),
    (state) => confirmRevise(state, change),
  );
const accepting: Decide = (state) =>
  accept(state, t.ticketId, { acceptedAt: t.acceptedAt, readyBy: t.readyBy });

/** What a command gives; a rejection leaves everything as it is. */
function carryOut(state: TicketState, decide: Decide): readonly TicketEvent[] {
  try {
    return decide(state);
  } catch (error) {
    if (error instanceof Rejection) return [];
    throw error;
  }
}

/** Events of any commands in any order, those that are refused included. */
const historyOf = (change: Revision): fc.Arbitrary<TicketEvent[]> =>
  fc.array(commandOf(change), { maxLength: 40 }).map((commands) => {
    const events: TicketEvent[] = [];
    for (const decide of commands) events.push(...carryOut(t.given(...events), decide));
    return events;
  });
const anyHistory = revision.chain(historyOf);
const workable = anyHistory.filter((events) =>
  ['AwaitingAcceptance', 'Accepted'].includes(t.given(...events).status),
);

describe('A ticket', () => {
  it('takes any commands in any order without a fault', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        expect(() => t.given(...events)).not.toThrow();
      }),
    );
  });

  it('is as it was when a cancellation is begun and undone', () => {
    fc.assert(
      fc.property(workable, (events) => {
        const before = t.given(...events);
        const held = t.given(...events, ...beginCancel(before, t.ofRestaurant));
        const undone = undoCancel(held, t.ofRestaurant);
        expect(held.status).toBe('CancelPending');
        expect(undone.reduce(ticketAggregate.evolve, held)).toEqual(before);
      }),
    );
  });

  it('is as it was when a revision is begun and undone', () => {
    fc.assert(
      fc.property(workable, revision, (events, change) => {
        const before = t.given(...events);
        const held = t.given(...events, ...beginRevise(before, change));
        const undone = undoRevise(held, t.ofRestaurant);
        expect(held.status).toBe('RevisionPending');
        expect(undone.reduce(ticketAggregate.evolve, held)).toEqual(before);
      }),
    );
  });

  it('has the revised quantities, and is otherwise as it was, when a revision is confirmed', () => {
    fc.assert(
      fc.property(workable, revision, (events, change) => {
        const before = t.given(...events);
        if (before.status === 'NotCreated' || before.status === 'Forestalled')
          throw new Error('a ticket that is not there is not workable');
        const held = t.given(...events, ...beginRevise(before, change));
        const after = confirmRevise(held, change).reduce(ticketAggregate.evolve, held);
        const lineItems = before.lineItems.map((item) => ({
          ...item,
          quantity: change.revisedQuantities[item.menuItemId] ?? item.quantity,
        }));
        expect(after).toEqual({ ...before, lineItems });
      }),
    );
  });

  it('gives no event when a command that was carried out comes again at once', () => {
    const story = revision.chain((change) => fc.tuple(historyOf(change), commandOf(change)));
    fc.assert(
      fc.property(story, ([events, decide]) => {
        // A restaurant that accepts twice is told so.
        fc.pre(decide !== accepting);
        const first = carryOut(t.given(...events), decide);
        fc.pre(first.length > 0);
        expect(decide(t.given(...events, ...first))).toEqual([]);
      }),
    );
  });

  it('can be rebuilt from a state that went through JSON', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const state = t.given(...events);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
    );
  });

  it('publishes what other services may know, and nothing else', () => {
    const all = [
      ...Object.values(t.histories).flat(),
      t.discarded,
      t.holdForestalled,
      t.cancelUndone,
      t.revisionUndone,
      t.revised,
    ];
    const published = new Set(
      all.map(({ type }) => type).filter((type) => ticketAggregate.published.has(type)),
    );
    expect([...published].sort()).toEqual([
      'kitchenapi.TicketAccepted',
      'kitchenapi.TicketCancelled',
      'kitchenapi.TicketCreated',
      'kitchenapi.TicketRevised',
    ]);
  });

  it('can’t be rebuilt from events that it does not know, or before it was opened', () => {
    expect(() => t.given(t.confirmed)).toThrow('before the ticket was opened');
    const unknown: unknown = { type: 'kitchen.TicketBurnt', data: {} };
    expect(() => t.given(t.opened, unknown as TicketEvent)).toThrow('Unreachable');
  });
});
