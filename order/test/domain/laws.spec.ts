import fc from 'fast-check';
import { orderapi } from '@ftgo/serviceapis';
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
import { orderAggregate, totalOf, type OrderEvent, type OrderState } from '../../src/domain/order';
import { placeOrder } from '../../src/domain/place-order';
import { ajanta, ids, orderThatIs, request } from '../sample-orders';

type Decision = (state: OrderState) => OrderEvent[];

const { order, ticket } = ids;
const quantities = fc.dictionary(
  fc.constantFrom('vindaloo', 'lassi', 'pizza', 'constructor'),
  fc.integer({ min: 0, max: 5 }),
  { minKeys: 1 },
);

/** Decisions that say the same whenever they are made again. */
const repeatable = fc.constantFrom<Decision>(
  (state) => approve(state, order, ticket),
  (state) => reject(state, order, 'ACCOUNT_DISABLED'),
  (state) => undoCancel(state, order),
  (state) => confirmCancel(state, order),
  (state) => undoRevise(state, order),
);

const decision = fc.oneof(
  repeatable,
  fc.constantFrom<Decision>(
    (state) => placeOrder(state, request, ajanta),
    (state) => beginCancel(state, order),
  ),
  quantities.map(
    (some): Decision =>
      (state) =>
        beginRevise(state, order, some),
  ),
  quantities.map(
    (some): Decision =>
      (state) =>
        confirmRevise(state, order, some),
  ),
);

/** Long enough to reach every state and come back. */
const decisions = fc.array(decision, { minLength: 20, maxLength: 60 });

/** The events of a decision; a rejection gives none. */
function decided(decide: Decision, state: OrderState): OrderEvent[] {
  try {
    return decide(state);
  } catch (error) {
    if (error instanceof Rejection) return [];
    throw error;
  }
}

/** The states that an order goes through, from the first, and the events on the way. */
function live(made: readonly Decision[]): { states: OrderState[]; events: OrderEvent[] } {
  const states: OrderState[] = [orderAggregate.initial];
  const events: OrderEvent[] = [];
  for (const decide of [(state: OrderState) => placeOrder(state, request, ajanta), ...made]) {
    for (const event of decided(decide, states.at(-1) ?? orderAggregate.initial)) {
      events.push(event);
      states.push(orderAggregate.evolve(states.at(-1) ?? orderAggregate.initial, event));
    }
  }
  return { states, events };
}

const last = (made: readonly Decision[]): OrderState => live(made).states.at(-1) ?? orderAggregate.initial;

describe('whatever is decided about an order', () => {
  it('its history can be replayed, and what was stored as JSON gives the same state', () => {
    fc.assert(
      fc.property(decisions, (made) => {
        const { states, events } = live(made);
        const stored = JSON.parse(JSON.stringify(events)) as OrderEvent[];
        expect(stored.reduce(orderAggregate.evolve, orderAggregate.initial)).toEqual(states.at(-1));
      }),
    );
  });

  it('its total is the sum of prices times quantities in every state', () => {
    fc.assert(
      fc.property(decisions, (made) => {
        for (const state of live(made).states) {
          if (state.status !== 'NotPlaced') expect(state.orderTotal).toBe(totalOf(state.lineItems));
        }
      }),
    );
  });

  it('what other services see of it is in the published language', () => {
    fc.assert(
      fc.property(decisions, (made) => {
        for (const { type, data } of live(made).events) {
          if (!orderAggregate.published.has(type)) continue;
          const definition = Object.values(orderapi).find(({ name }) => name === type);
          expect(definition?.payload.parse(data)).toEqual(data);
        }
      }),
    );
  });

  it('what was done once is accepted a second time and has no further effect', () => {
    fc.assert(
      fc.property(decisions, repeatable, (made, decide) => {
        const state = last(made);
        const events = decided(decide, state);
        if (events.length > 0) expect(decide(events.reduce(orderAggregate.evolve, state))).toEqual([]);
      }),
    );
  });

  it('once it is rejected or cancelled, nothing more happens to it', () => {
    fc.assert(
      fc.property(fc.constantFrom('Rejected' as const, 'Cancelled' as const), decision, (status, decide) => {
        expect(decided(decide, orderThatIs(status))).toEqual([]);
      }),
    );
  });
});

describe('holding an order and letting it go again', () => {
  /** Revisions that are always payable. */
  const payable = fc.record(
    { vindaloo: fc.integer({ min: 1, max: 5 }), lassi: fc.nat(5) },
    { requiredKeys: ['vindaloo'] },
  );
  const step = (state: OrderState, decide: Decision): OrderState =>
    decide(state).reduce(orderAggregate.evolve, state);
  const hold = (state: OrderState, some: Readonly<Record<string, number>>): OrderState =>
    step(state, (free) => beginRevise(free, order, some));

  /** Approved orders that were revised some times. */
  const approvedOrder = fc
    .array(payable)
    .map((revisions) =>
      revisions.reduce<OrderState>(
        (state, some) => step(hold(state, some), (held) => confirmRevise(held, order, {})),
        orderThatIs('Approved'),
      ),
    );

  it('leaves it as it was, when it was to be cancelled', () => {
    fc.assert(
      fc.property(approvedOrder, (state) => {
        const held = step(state, (free) => beginCancel(free, order));
        expect(held.status).toBe('CancelPending');
        expect(step(held, (some) => undoCancel(some, order))).toEqual(state);
      }),
    );
  });

  it('leaves it as it was, when it was to be revised', () => {
    fc.assert(
      fc.property(approvedOrder, payable, (state, some) => {
        const held = hold(state, some);
        expect(held.status).toBe('RevisionPending');
        expect(step(held, (pending) => undoRevise(pending, order))).toEqual(state);
      }),
    );
  });
});
