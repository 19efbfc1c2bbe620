import fc from 'fast-check';
import {
  isReadyToSchedule,
  merge,
  planOf,
  statusOf,
  unknownDelivery,
  type Delivery,
  type DeliveryFacts,
} from '../../src/domain/delivery';
import { ajanta, halfAnHourLater, home, readyBy } from '../deliveries';

const id = '01930000-0000-7000-8000-000000000001';
const courierId = '01930000-0000-7000-8000-000000000002';
const restaurant = { id: '01930000-0000-7000-8000-000000000003', name: 'Ajanta', address: ajanta };

const ordered: DeliveryFacts = {
  order: { restaurantId: restaurant.id, deliverTo: home, deliverAt: halfAnHourLater },
};
const accepted: DeliveryFacts = { readyBy };
const cancelled: DeliveryFacts = { cancelled: true };

const after = (...facts: readonly DeliveryFacts[]): Delivery => facts.reduce(merge, unknownDelivery(id));
const assigned = (delivery: Delivery): Delivery => ({ ...delivery, courierId });

describe('a delivery', () => {
  it.each<[string, Delivery, boolean, string]>([
    ['of which nothing is known', after(), false, 'PENDING'],
    ['that was ordered', after(ordered), false, 'PENDING'],
    ['whose ticket was accepted before its order is known', after(accepted), false, 'PENDING'],
    ['that was ordered and accepted', after(ordered, accepted), true, 'PENDING'],
    ['that has a courier', assigned(after(ordered, accepted)), false, 'SCHEDULED'],
    ['that was cancelled', after(ordered, cancelled), false, 'CANCELLED'],
    ['that was accepted and cancelled', after(ordered, accepted, cancelled), false, 'CANCELLED'],
    ['that had a courier and was cancelled', merge(assigned(after(ordered)), cancelled), false, 'CANCELLED'],
  ])('%s: ready to be scheduled, status', (_what, delivery, ready, status) => {
    expect([isReadyToSchedule(delivery), statusOf(delivery)]).toEqual([ready, status]);
  });

  it('keeps who was to bring it when it is cancelled', () => {
    expect(merge(assigned(after(ordered, accepted)), cancelled).courierId).toBe(courierId);
  });

  it('is the same in whatever order and however often its facts come', () => {
    const facts = [ordered, accepted, cancelled];
    fc.assert(
      fc.property(fc.subarray(facts), (some) => {
        fc.assert(
          fc.property(fc.shuffledSubarray([...some, ...some], { minLength: 2 * some.length }), (shuffled) => {
            expect(after(...shuffled)).toEqual(after(...some));
          }),
          { numRuns: 20 },
        );
      }),
    );
  });
});

describe("a courier's plan for a delivery", () => {
  const planned = (ready: string) => {
    const delivery = after(ordered, { readyBy: ready });
    if (!isReadyToSchedule(delivery)) throw new Error('the delivery is not ready');
    return planOf(delivery, restaurant);
  };

  it('is to fetch it at the restaurant when it is ready and to bring it to the customer 30 minutes later', () => {
    expect(planned(readyBy)).toEqual([
      { deliveryId: id, type: 'PICKUP', address: ajanta, time: readyBy },
      { deliveryId: id, type: 'DROPOFF', address: home, time: halfAnHourLater },
    ]);
  });

  it('is in UTC, over midnight and the turn of the year too', () => {
    expect(planned('2030-12-31T23:45:00+00:00').map(({ time }) => time)).toEqual([
      '2030-12-31T23:45:00.000Z',
      '2031-01-01T00:15:00.000Z',
    ]);
  });

  it('ends with the last year that has four digits', () => {
    expect(planned('9999-12-31T23:45:00Z').map(({ time }) => time)).toEqual([
      '9999-12-31T23:45:00.000Z',
      '9999-12-31T23:59:59.999Z',
    ]);
  });
});
