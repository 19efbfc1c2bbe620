import { replay } from '@ftgo/shared-ts/domain';
import fc from 'fast-check';
import { accountAggregate, type AccountEvent, type AccountState } from '../../src/domain/account';
import { disable, enable, open, opened, takeName } from '../../src/domain/account-decisions';

const accountId = '0196a5f0-0000-7000-8000-000000000001';
const given = (...events: AccountEvent[]): AccountState => replay(accountAggregate, events);

const named = (name: string, consumerVersion: number): AccountEvent => ({
  type: 'accounting.AccountNamed',
  data: { name, consumerVersion },
});
const openedEvent: AccountEvent = { type: 'accounting.AccountOpened', data: {} };
const disabled: AccountEvent = { type: 'accounting.AccountDisabled', data: {} };
const enabled: AccountEvent = { type: 'accounting.AccountEnabled', data: {} };

const unknown = given();
const namedOnly = given(named('Ann', 2));
const enabledAccount = given(named('Ann', 2), openedEvent);
const disabledAccount = given(named('Ann', 2), openedEvent, disabled);

describe('The registration of a consumer', () => {
  it('opens an enabled account under the consumer’s name', () => {
    const events = open(unknown, { name: 'Ann', consumerVersion: 1 });
    expect(events).toEqual([named('Ann', 1), openedEvent]);
    expect(given(...events)).toEqual({ status: 'Enabled', name: 'Ann', consumerVersion: 1 });
  });

  it('opens the account under the newer name when a renaming came before it', () => {
    const events = open(namedOnly, { name: 'Anna', consumerVersion: 1 });
    expect(events).toEqual([openedEvent]);
    expect(given(named('Ann', 2), ...events)).toEqual({ status: 'Enabled', name: 'Ann', consumerVersion: 2 });
  });

  it.each([
    ['enabled', enabledAccount],
    ['disabled', disabledAccount],
  ])('is no news to an account that is %s', (_status, account) => {
    expect(open(account, { name: 'Anna', consumerVersion: 1 })).toEqual([]);
  });
});

describe('The renaming of a consumer', () => {
  it.each([
    ['unknown', unknown],
    ['named', namedOnly],
    ['enabled', enabledAccount],
    ['disabled', disabledAccount],
  ])('gives the name to an account that is %s', (_status, account) => {
    expect(takeName(account, { name: 'Bea', consumerVersion: 3 })).toEqual([named('Bea', 3)]);
  });

  it.each([
    ['named', namedOnly],
    ['enabled', enabledAccount],
    ['disabled', disabledAccount],
  ])('is no news to an account that is %s and has this name, or a newer one', (_status, account) => {
    expect(takeName(account, { name: 'Ann', consumerVersion: 2 })).toEqual([]);
    expect(takeName(account, { name: 'Anna', consumerVersion: 1 })).toEqual([]);
  });

  it('does not open an account', () => {
    expect(namedOnly).toEqual({ status: 'Named', name: 'Ann', consumerVersion: 2 });
  });

  it('leaves a disabled account disabled', () => {
    expect(given(named('Ann', 1), openedEvent, disabled, named('Bea', 2))).toEqual({
      status: 'Disabled',
      name: 'Bea',
      consumerVersion: 2,
    });
  });

  it('back to a former name is kept, so that the name from in between can’t win when it comes late', () => {
    const events = takeName(given(named('Ann', 1), openedEvent), { name: 'Ann', consumerVersion: 3 });
    const account = given(named('Ann', 1), openedEvent, ...events);
    expect(takeName(account, { name: 'Bea', consumerVersion: 2 })).toEqual([]);
  });
});

describe('An account', () => {
  it('is disabled while it is enabled', () => {
    expect(disable(enabledAccount, accountId)).toEqual([disabled]);
  });

  it('is enabled while it is disabled', () => {
    expect(enable(disabledAccount, accountId)).toEqual([enabled]);
  });

  it('is what it was when it was disabled and enabled again', () => {
    expect(given(named('Ann', 2), openedEvent, disabled, enabled)).toEqual(enabledAccount);
  });

  it('can’t be disabled twice', () => {
    expect(() => disable(disabledAccount, accountId)).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'ACCOUNT_STATE' }),
    );
  });

  it('can’t be enabled twice', () => {
    expect(() => enable(enabledAccount, accountId)).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'ACCOUNT_STATE' }),
    );
  });

  it.each([
    ['unknown', unknown],
    ['only named', namedOnly],
  ])('does not exist while it is %s', (_status, account) => {
    const rejection = expect.objectContaining({ kind: 'not-found', code: 'ACCOUNT_NOT_FOUND' }) as Error;
    expect(() => opened(account, accountId)).toThrow(rejection);
    expect(() => disable(account, accountId)).toThrow(rejection);
    expect(() => enable(account, accountId)).toThrow(rejection);
  });

  it('can’t be opened before it has a name', () => {
    expect(() => given(openedEvent)).toThrow('before the account was named');
  });
});

describe('Whatever order a consumer’s events come in, and however often', () => {
  it('the account ends in the same state', () => {
    const histories = fc
      .array(fc.constantFrom('Ann', 'Bea', 'Cleo'), { minLength: 1, maxLength: 6 })
      .chain((names) => {
        const versions = names.map((_name, index) => index + 1);
        const repetitions = fc.array(fc.constantFrom(...versions), { maxLength: 6 });
        return fc.tuple(
          fc.constant(names),
          repetitions.chain((again) =>
            fc.shuffledSubarray([...versions, ...again], { minLength: versions.length + again.length }),
          ),
        );
      });
    fc.assert(
      fc.property(histories, ([names, arrivals]) => {
        const account = arrivals.reduce<AccountState>((state, consumerVersion) => {
          const naming = { name: names[consumerVersion - 1] ?? '', consumerVersion };
          return applied(state, consumerVersion === 1 ? open(state, naming) : takeName(state, naming));
        }, unknown);
        expect(account).toEqual({ status: 'Enabled', name: names.at(-1), consumerVersion: names.length });
      }),
    );
  });
});

const applied = (state: AccountState, events: readonly AccountEvent[]): AccountState =>
  events.reduce(accountAggregate.evolve, state);
