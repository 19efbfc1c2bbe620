import { Rejection, replay } from '@ftgo/shared-ts/domain';
import fc from 'fast-check';
import type { OpenAccount } from '../../src/domain/account';
import {
  authorizationAggregate,
  type AuthorizationEvent,
  type AuthorizationState,
} from '../../src/domain/authorization';
import { authorize, forestall, reverse, revise } from '../../src/domain/authorization-decisions';

const consumerId = '0196a5f0-0000-7000-8000-000000000001';
const stranger = '0196a5f0-0000-7000-8000-000000000002';
const orderId = '0196a5f0-0000-7000-8000-000000000003';
const order = (orderTotal: number) => ({ consumerId, orderId, orderTotal });

const account: OpenAccount = { status: 'Enabled', name: 'Ann', consumerVersion: 1 };
const disabledAccount: OpenAccount = { ...account, status: 'Disabled' };

const authorized: AuthorizationEvent = {
  type: 'accounting.OrderAuthorized',
  data: { consumerId, total: 1200 },
};
const revisedTo = (total: number, revisionId: string): AuthorizationEvent => ({
  type: 'accounting.AuthorizationRevised',
  data: { total, revisionId },
});
const reversed: AuthorizationEvent = { type: 'accounting.AuthorizationReversed', data: {} };
const forestalled: AuthorizationEvent = { type: 'accounting.AuthorizationForestalled', data: {} };
const given = (...events: AuthorizationEvent[]): AuthorizationState => replay(authorizationAggregate, events);

const rejected = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('Authorizing an order', () => {
  it('reserves its total', () => {
    expect(authorize(given(), account, order(1200))).toEqual([authorized]);
    expect(given(authorized)).toMatchObject({ status: 'Authorized', consumerId, total: 1200 });
  });

  it('is rejected while the account is disabled', () => {
    expect(() => authorize(given(), disabledAccount, order(1200))).toThrow(rejected('ACCOUNT_DISABLED'));
  });

  it('again is no news', () => {
    expect(authorize(given(authorized), account, order(1200))).toEqual([]);
  });

  it('again is no news when the account is disabled or the order revised since', () => {
    expect(authorize(given(authorized, revisedTo(900, 'first')), disabledAccount, order(1200))).toEqual([]);
  });

  it('again for another total, for another consumer or after a reversal is rejected', () => {
    const code = rejected('AUTHORIZATION_STATE');
    expect(() => authorize(given(authorized), account, order(1300))).toThrow(code);
    expect(() => authorize(given(authorized), account, { ...order(1200), consumerId: stranger })).toThrow(
      code,
    );
    expect(() => authorize(given(authorized, reversed), account, order(1200))).toThrow(code);
  });
});

describe('Revising an authorization', () => {
  it('reserves the new total', () => {
    expect(revise(given(authorized), account, order(900), 'first')).toEqual([revisedTo(900, 'first')]);
    expect(given(authorized, revisedTo(900, 'first'))).toMatchObject({ status: 'Authorized', total: 900 });
  });

  it('can be done more than once, back to a former total too', () => {
    const state = given(authorized, revisedTo(900, 'first'));
    expect(revise(state, account, order(1200), 'second')).toEqual([revisedTo(1200, 'second')]);
  });

  it('is rejected while the account is disabled, even to the same total', () => {
    const code = rejected('ACCOUNT_DISABLED');
    expect(() => revise(given(authorized), disabledAccount, order(900), 'first')).toThrow(code);
    expect(() => revise(given(authorized), disabledAccount, order(1200), 'first')).toThrow(code);
  });

  it('again is no news, even when the account is disabled since', () => {
    const state = given(authorized, revisedTo(900, 'first'));
    expect(revise(state, account, order(900), 'first')).toEqual([]);
    expect(revise(state, disabledAccount, order(900), 'first')).toEqual([]);
  });

  it('to the total that is reserved changes nothing', () => {
    expect(revise(given(authorized), account, order(1200), 'first')).toEqual([]);
  });

  it('is rejected for an order that was never authorized', () => {
    expect(() => revise(given(), account, order(900), 'first')).toThrow(rejected('AUTHORIZATION_NOT_FOUND'));
  });

  it('is rejected for a reversed one and for another consumer’s', () => {
    const code = rejected('AUTHORIZATION_STATE');
    expect(() => revise(given(authorized, reversed), account, order(900), 'first')).toThrow(code);
    expect(() =>
      revise(given(authorized), account, { ...order(900), consumerId: stranger }, 'first'),
    ).toThrow(code);
  });
});

describe('Reversing an authorization', () => {
  it('gives the reserved total back', () => {
    expect(reverse(given(authorized), account, order(1200))).toEqual([reversed]);
    expect(given(authorized, reversed)).toMatchObject({ status: 'Reversed' });
  });

  it('can be done after a revision', () => {
    expect(reverse(given(authorized, revisedTo(900, 'first')), account, order(900))).toEqual([reversed]);
  });

  it('is rejected while the account is disabled', () => {
    expect(() => reverse(given(authorized), disabledAccount, order(1200))).toThrow(
      rejected('ACCOUNT_DISABLED'),
    );
  });

  it('again is no news, even when the account is disabled since', () => {
    expect(reverse(given(authorized, reversed), account, order(1200))).toEqual([]);
    expect(reverse(given(authorized, reversed), disabledAccount, order(1200))).toEqual([]);
  });

  it('is rejected for an order that was never authorized, and for another consumer’s', () => {
    expect(() => reverse(given(), account, order(1200))).toThrow(rejected('AUTHORIZATION_NOT_FOUND'));
    expect(() => reverse(given(authorized), account, { ...order(1200), consumerId: stranger })).toThrow(
      rejected('AUTHORIZATION_STATE'),
    );
  });
});

describe('Taking an authorization back without knowing whether it was given', () => {
  it('reverses it where it was', () => {
    expect(forestall(given(authorized), order(1200))).toEqual([reversed]);
    expect(forestall(given(authorized, revisedTo(900, 'first')), order(1200))).toEqual([reversed]);
  });

  it('has it refused where it was not, when it is asked for after all', () => {
    expect(forestall(given(), order(1200))).toEqual([forestalled]);
    expect(given(forestalled)).toEqual({ status: 'Forestalled' });
    const late = () => authorize(given(forestalled), account, order(1200));
    expect(late).toThrow(rejected('AUTHORIZATION_STATE'));
  });

  it('again is no news', () => {
    expect(forestall(given(authorized, reversed), order(1200))).toEqual([]);
    expect(forestall(given(forestalled), order(1200))).toEqual([]);
  });

  it('leaves another consumer’s alone', () => {
    expect(() => forestall(given(authorized), { ...order(1200), consumerId: stranger })).toThrow(
      rejected('AUTHORIZATION_STATE'),
    );
  });

  it('leaves nothing that could be revised or reversed', () => {
    const code = rejected('AUTHORIZATION_NOT_FOUND');
    expect(() => revise(given(forestalled), account, order(900), 'first')).toThrow(code);
    expect(() => reverse(given(forestalled), account, order(1200))).toThrow(code);
  });
});

describe('An authorization', () => {
  it.each([revisedTo(900, 'first'), reversed])('can’t begin with $type', (event) => {
    expect(() => given(event)).toThrow('before the order was authorized');
  });
});

type Decision = (state: AuthorizationState, account: OpenAccount) => readonly AuthorizationEvent[];

const decisions: fc.Arbitrary<Decision> = fc
  .record({
    what: fc.constantFrom('authorize', 'revise', 'reverse'),
    total: fc.constantFrom(0, 900, 1200),
    revisionId: fc.constantFrom('first', 'second', 'third'),
  })
  .map(({ what, total, revisionId }) => (state, onAccount) => {
    if (what === 'authorize') return authorize(state, onAccount, order(total));
    if (what === 'revise') return revise(state, onAccount, order(total), revisionId);
    return reverse(state, onAccount, order(total));
  });

describe('Whatever commands come', () => {
  const commands = fc.array(fc.tuple(decisions, fc.constantFrom(account, disabledAccount)), {
    maxLength: 12,
  });

  it('nothing is reserved once it was taken back in doubt, and nothing ever will be', () => {
    fc.assert(
      fc.property(commands, commands, (earlier, later) => {
        let state = given();
        const carryOut = (sequence: typeof earlier): void => {
          for (const [decide, onAccount] of sequence)
            state = (accepted(decide, state, onAccount) ?? []).reduce(authorizationAggregate.evolve, state);
        };
        carryOut(earlier);
        state = forestall(state, order(1200)).reduce(authorizationAggregate.evolve, state);
        carryOut(later);
        expect(state.status).not.toBe('Authorized');
      }),
    );
  });

  it('each either is rejected or leads on to a state that can be rebuilt from the events', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const events: AuthorizationEvent[] = [];
        let state = given();
        for (const [decide, onAccount] of sequence) {
          const decided = accepted(decide, state, onAccount) ?? [];
          state = decided.reduce(authorizationAggregate.evolve, state);
          events.push(...decided);
        }
        expect(given(...events)).toEqual(state);
      }),
    );
  });

  it('one that changed something can be repeated at once, though the account is disabled since', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        let state = given();
        for (const [decide, onAccount] of sequence) {
          const decided = accepted(decide, state, onAccount);
          if (decided === undefined || decided.length === 0) continue;
          state = decided.reduce(authorizationAggregate.evolve, state);
          expect(decide(state, disabledAccount)).toEqual([]);
        }
      }),
    );
  });

  it('nothing changes on a disabled account', () => {
    fc.assert(
      fc.property(commands, decisions, (sequence, last) => {
        let state = given();
        for (const [decide] of sequence) {
          state = (accepted(decide, state, account) ?? []).reduce(authorizationAggregate.evolve, state);
        }
        expect(accepted(last, state, disabledAccount) ?? []).toEqual([]);
      }),
    );
  });
});

/** The events, or undefined when the decision is a rejection; a fault comes through. */
function accepted(decide: Decision, state: AuthorizationState, onAccount: OpenAccount) {
  try {
    return decide(state, onAccount);
  } catch (error) {
    if (error instanceof Rejection) return undefined;
    throw error;
  }
}
