import fc from 'fast-check';
import {
  historyOf,
  keywordsOf,
  merge,
  unknownOrder,
  type OrderFacts,
  type OrderRecord,
} from '../../src/domain/order-history';
import { arrivals, details } from '../event-stories';

const orderId = '01930000-0000-7000-8000-000000000001';

const after = (...told: readonly (readonly [OrderFacts, number])[]): OrderRecord =>
  told.reduce((record, [facts, version]) => merge(record, facts, version), unknownOrder(orderId));
const created: [OrderFacts, number] = [{ details, status: 'ApprovalPending' }, 1];
const approved: [OrderFacts, number] = [{ status: 'Approved' }, 2];
const cancelled: [OrderFacts, number] = [{ status: 'Cancelled' }, 6];
const revised = (vindaloos: number, newOrderTotal: number, version: number): [OrderFacts, number] => [
  { status: 'Approved', revision: { revisedQuantities: { vindaloo: vindaloos }, newOrderTotal } },
  version,
];

describe("an order's history", () => {
  it('shows what was ordered', () => {
    expect(historyOf(after(created))).toEqual({ ...details, orderId, status: 'ApprovalPending' });
  });

  it('is not to be seen before the order was created, whatever else has arrived', () => {
    expect(historyOf(after())).toBeUndefined();
    expect(historyOf(after(approved, revised(1, 1633, 4), cancelled))).toBeUndefined();
  });

  it.each<[string, OrderRecord, string]>([
    ['approved', after(created, approved), 'Approved'],
    ['rejected', after(created, [{ status: 'Rejected' }, 2]), 'Rejected'],
    ['cancelled', after(created, approved, cancelled), 'Cancelled'],
    ['approved before it is known', after(approved, created), 'Approved'],
    ['cancelled before its approval is known', after(created, cancelled, approved), 'Cancelled'],
    ['revised before its approval is known', after(created, revised(1, 1633, 4), approved), 'Approved'],
  ])('of an order that was %s says so', (_what, record, status) => {
    expect(historyOf(record)).toMatchObject({ status });
  });

  it.each<[string, OrderRecord]>([
    ['in order', after(created, approved, revised(5, 6569, 4), revised(1, 1633, 6))],
    ['the wrong way round', after(created, approved, revised(1, 1633, 6), revised(5, 6569, 4))],
    ['before the order', after(revised(1, 1633, 6), revised(5, 6569, 4), approved, created)],
  ])('shows quantities and total of the newest revision when they arrive %s', (_how, record) => {
    const history = historyOf(record);
    expect(history?.lineItems.map((item) => item.quantity)).toEqual([1, 1]);
    expect(history?.orderTotal).toBe(1633);
  });

  it('shows an item that was revised away with quantity 0', () => {
    const { lineItems } = historyOf(after(created, revised(0, 399, 4))) ?? {};
    expect(lineItems?.map(({ menuItemId, quantity }) => [menuItemId, quantity])).toEqual([
      ['vindaloo', 0],
      ['lassi', 1],
    ]);
  });

  it('ends the same in whatever order and however often its events arrive', () => {
    fc.assert(
      fc.property(arrivals, ({ story, arriving }) => {
        const record = after(...arriving.map(({ facts, version }) => [facts, version] as const));
        expect(historyOf(record)).toEqual({ ...story.ending, orderId });
      }),
      { numRuns: 500 },
    );
  });
});

describe('the keywords of an order', () => {
  it('are the words of the names of restaurant and items, each once', () => {
    expect(keywordsOf({ ...details, restaurantName: 'Ajanta Chicken House' })).toEqual([
      'ajanta',
      'chicken',
      'house',
      'vindaloo',
      'mango',
      'lassi',
    ]);
  });
});
