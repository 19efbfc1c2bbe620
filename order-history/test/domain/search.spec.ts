import fc from 'fast-check';
import type { OrderHistory } from '../../src/domain/order-history';
import { comparePlaces, matches, type Search } from '../../src/domain/search';
import { anOrder } from '../order-histories';

const order: OrderHistory = { ...anOrder(), status: 'Approved' };
const everything: Search = { keywords: [], limit: 20 };

describe('an order is found', () => {
  it.each<[string, Partial<Search>, boolean]>([
    ['by no condition', {}, true],
    ['by its consumer', { consumerId: order.consumerId }, true],
    ['not by another consumer', { consumerId: order.restaurantId }, false],
    ['by its status', { status: 'Approved' }, true],
    ['not by another status', { status: 'Cancelled' }, false],
    ["by a word of the restaurant's name", { keywords: ['ajanta'] }, true],
    ["by words of two items' names", { keywords: ['mango', 'vindaloo'] }, true],
    ['not by a word that no name has', { keywords: ['mango', 'pizza'] }, false],
    ['not by the beginning of a word', { keywords: ['vinda'] }, false],
    ['when it was created at the moment', { since: '2030-01-31T17:00:00Z' }, true],
    ['when it was created after the moment', { since: '2030-01-31T16:59:59.999Z' }, true],
    ['not when it was created before the moment', { since: '2030-01-31T17:00:00.001Z' }, false],
    ['not behind its own place', { after: order }, false],
    ['behind the place of a newer one', { after: { ...order, createdAt: '2030-01-31T17:00:00.001Z' } }, true],
    [
      'not when only one of two conditions holds',
      { consumerId: order.consumerId, status: 'Rejected' },
      false,
    ],
  ])('%s', (_how, search, found) => {
    expect(matches(order, { ...everything, ...search })).toBe(found);
  });
});

describe('places', () => {
  it('have one order: newest first, then the greater id, as the database has it', () => {
    const place = fc.record({
      createdAt: fc.constantFrom('2030-01-01T00:00:00.000Z', '2030-01-02T00:00:00.000Z'),
      orderId: fc.uuid(),
    });
    const keyOf = ({ createdAt, orderId }: { createdAt: string; orderId: string }) =>
      `${createdAt} ${orderId}`;
    fc.assert(
      fc.property(fc.array(place), (places) => {
        const sorted = [...places].sort(comparePlaces).map(keyOf);
        expect(sorted).toEqual(places.map(keyOf).sort().reverse());
      }),
    );
  });
});
