import fc from 'fast-check';
import { ConfirmationLedger, type LedgerEntry } from '../../src/cdc/confirmation';

describe('the ledger of confirmations', () => {
  let confirmed: number[];
  let ledger: ConfirmationLedger<number>;

  beforeEach(() => {
    confirmed = [];
    ledger = new ConfirmationLedger((position) => confirmed.push(position));
  });

  it('confirms an entry once it is whole and all of it is settled', () => {
    const entry = ledger.open();
    ledger.add(entry);
    ledger.settle(entry);
    expect(confirmed).toEqual([]);
    ledger.close(entry, 10);
    expect(confirmed).toEqual([10]);
  });

  it('confirms an entry without messages', () => {
    ledger.close(ledger.open(), 10);
    expect(confirmed).toEqual([10]);
  });

  it('confirms nothing behind an entry that is not settled, and then all at once', () => {
    const first = ledger.open();
    ledger.add(first);
    ledger.close(first, 10);
    ledger.close(ledger.open(), 20);
    expect(confirmed).toEqual([]);
    ledger.settle(first);
    expect(confirmed.at(-1)).toBe(20);
  });

  it('confirms a keepalive at once when nothing is outstanding, else after what is', () => {
    ledger.pass(5);
    expect(confirmed).toEqual([5]);
    const entry = ledger.open();
    ledger.add(entry);
    ledger.close(entry, 10);
    ledger.pass(15);
    expect(confirmed).toEqual([5]);
    ledger.settle(entry);
    expect(confirmed.at(-1)).toBe(15);
  });

  it('stays small while one message is stuck and everything else passes', () => {
    const stuck = ledger.open();
    ledger.add(stuck);
    ledger.close(stuck, 0);
    for (let position = 1; position <= 10_000; position++) {
      const entry = ledger.open();
      ledger.add(entry);
      ledger.close(entry, position);
      ledger.settle(entry);
      ledger.pass(position);
    }
    expect(ledger.size).toBeLessThanOrEqual(3);
    ledger.settle(stuck);
    expect(confirmed.at(-1)).toBe(10_000);
  });

  it('never confirms more than the finished prefix, whatever order messages are settled in', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.nat()), (transactions, choice) => {
        let last = -1;
        const fresh = new ConfirmationLedger<number>((position) => {
          expect(position).toBeGreaterThan(last);
          last = position;
        });
        const open: { entry: LedgerEntry<number>; index: number }[] = [];
        const left = [...transactions];
        transactions.forEach((size, index) => {
          const entry = fresh.open();
          for (let n = 0; n < size; n++) {
            fresh.add(entry);
            open.push({ entry, index });
          }
          fresh.close(entry, index);
        });
        const prefix = (): number => left.findIndex((count) => count > 0);
        while (open.length > 0) {
          expect(last).toBe(prefix() - 1);
          const [settled] = open.splice(choice.next().value % open.length, 1);
          if (!settled) break;
          left[settled.index] = (left[settled.index] ?? 0) - 1;
          fresh.settle(settled.entry);
          expect(fresh.size).toBeLessThanOrEqual(2 * open.length + 1);
        }
        expect(last).toBe(transactions.length - 1);
        expect(fresh.size).toBe(0);
      }),
    );
  });
});
