import { TransactionSnapshot } from '../../src/cdc/transaction-snapshot';

describe('a snapshot', () => {
  const snapshot = TransactionSnapshot.parse('100:110:103,105');
  it.each([
    [99, true, 'ended before all that run'],
    [102, true, 'ended among those that run'],
    [103, false, 'runs'],
    [109, true, 'is the newest that ended'],
    [110, false, 'had not begun'],
  ])('sees of transaction %i: %s, which %s', (xid, seen) => {
    expect(snapshot.sees(xid)).toBe(seen);
  });

  it('sees all below it when nothing runs', () => {
    expect(TransactionSnapshot.parse('7:7:').sees(6)).toBe(true);
  });

  it('counts on past 32 bits', () => {
    const young = TransactionSnapshot.parse(`${2n ** 32n + 5n}:${2n ** 32n + 5n}:`);
    expect(young.sees(2 ** 32 - 1)).toBe(true);
    expect(young.sees(4)).toBe(true);
    expect(young.sees(5)).toBe(false);
    const old = TransactionSnapshot.parse(`${2n ** 32n - 2n}:${2n ** 32n - 2n}:`);
    expect(old.sees(3)).toBe(false);
  });

  it('that sees everything below an id begins with the first that transactions get', () => {
    expect(TransactionSnapshot.everythingBelow(0n).text).toBe('3:3:');
    const snapshot = TransactionSnapshot.everythingBelow(9n);
    expect({ text: snapshot.text, below: snapshot.sees(8), from: snapshot.sees(9) }).toEqual({
      text: '9:9:',
      below: true,
      from: false,
    });
  });

  it('is refused when it is none', () => {
    expect(() => TransactionSnapshot.parse('')).toThrow('no snapshot');
  });
});
