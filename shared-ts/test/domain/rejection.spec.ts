import { conflict, notFound, Rejection, replay, unprocessable, unreachable } from '../../src/domain';
import { added, noted, Tally } from '../unit-of-work/test-ports';

describe('a rejection', () => {
  it.each([
    [notFound('restaurant', 'r1'), 'not-found', 'RESTAURANT_NOT_FOUND', 'There is no restaurant r1.'],
    [notFound('menu item', 'm1'), 'not-found', 'MENU_ITEM_NOT_FOUND', 'There is no menu item m1.'],
    [conflict('NOT_NOW', 'Not now.'), 'conflict', 'NOT_NOW', 'Not now.'],
    [unprocessable('NEVER', 'Never.'), 'unprocessable', 'NEVER', 'Never.'],
  ])(
    '%s says what kind it is, with a code for programs and words for people',
    (rejection, kind, code, message) => {
      expect(rejection).toBeInstanceOf(Rejection);
      expect(rejection).toMatchObject({ name: 'Rejection', kind, code, message });
    },
  );
});

describe('a replay', () => {
  it('of nothing is the initial state', () => {
    expect(replay(Tally, [])).toBe(Tally.initial);
  });

  it('folds the events in their order', () => {
    expect(replay(Tally, [noted('a'), added(2), noted('b')])).toEqual({ total: 2, notes: ['a', 'b'] });
  });
});

describe('a case that the compiler excludes', () => {
  it('is a fault that shows what came', () => {
    expect(() => unreachable({ type: 'surprise' } as never)).toThrow('Unreachable case: {"type":"surprise"}');
  });
});
