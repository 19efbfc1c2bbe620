import { join } from 'node:path';
import { newId } from '@ftgo/shared-ts';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import { PLANNED_STOPS, type DeliveryPorts } from '../../src/application';
import type { CourierAction } from '../../src/domain/courier';
import { merge, unknownDelivery, type Delivery, type DeliveryFacts } from '../../src/domain/delivery';
import { ajanta, halfAnHourLater, home, readyBy } from '../deliveries';

const adapters = {
  serviceId: 'delivery-service',
  schema: { shared: ['inbox'] as const, folder: join(__dirname, '../../migrations') },
  inMemory: inMemoryPorts,
  postgres: postgresPorts,
};

const orderAt = (restaurantId: string): DeliveryFacts => ({
  order: { restaurantId, deliverTo: home, deliverAt: halfAnHourLater },
});
const accepted: DeliveryFacts = { readyBy };
const cancelled: DeliveryFacts = { cancelled: true };
const stops = (deliveryId: string, pickup = readyBy, dropoff = halfAnHourLater): CourierAction[] => [
  { deliveryId, type: 'PICKUP', address: ajanta, time: pickup },
  { deliveryId, type: 'DROPOFF', address: home, time: dropoff },
];

eachStore(adapters, (transactor) => {
  const run = <T>(work: (ports: DeliveryPorts) => Promise<T>): Promise<T> =>
    transactor().execute(testContext(), work);

  /** Facts as one batch: in one transaction, side by side, each with ports of its own. */
  const batch = (told: readonly { id: string; facts: DeliveryFacts }[]): Promise<Delivery[]> =>
    transactor().transaction(({ work, ports }) =>
      Promise.all(told.map(({ id, facts }) => ports(work.scope(testContext())).deliveries.merge(id, facts))),
    );

  describe('the deliveries', () => {
    it('know nothing under an id that was never used', async () => {
      expect(await run(({ deliveries }) => deliveries.find(newId()))).toBeUndefined();
    });

    const facts = { ordered: orderAt(newId()), accepted, cancelled };
    type Fact = keyof typeof facts;
    const arrivals: Fact[][] = [
      ['ordered'],
      ['accepted'],
      ['cancelled'],
      ['ordered', 'accepted'],
      ['accepted', 'ordered'],
      ['ordered', 'ordered'],
      ['cancelled', 'accepted', 'ordered'],
      ['ordered', 'accepted', 'cancelled'],
      ['accepted', 'cancelled', 'accepted', 'ordered'],
    ];
    it.each(arrivals.map((names) => [names.join(', '), names] as const))(
      'merge what arrives as the domain does: %s',
      async (_names, names) => {
        const id = newId();
        const expected = names.map((name) => facts[name]).reduce(merge, unknownDelivery(id));
        let merged: unknown;
        for (const name of names) merged = await run(({ deliveries }) => deliveries.merge(id, facts[name]));
        expect(JSON.parse(JSON.stringify(merged))).toEqual(JSON.parse(JSON.stringify(expected)));
        const found = await run(({ deliveries }) => deliveries.find(id));
        expect(found).toEqual(expected);
      },
    );

    it.each(arrivals.map((names) => [names.join(', '), names] as const))(
      'show who tells something what was told until then, also within one batch: %s',
      async (_names, names) => {
        const id = newId();
        const merged = await batch(names.map((name) => ({ id, facts: facts[name] })));
        const expected = names.map((_, index) =>
          names
            .slice(0, index + 1)
            .map((name) => facts[name])
            .reduce(merge, unknownDelivery(id)),
        );
        expect(JSON.parse(JSON.stringify(merged))).toEqual(JSON.parse(JSON.stringify(expected)));
        expect(await run(({ deliveries }) => deliveries.find(id))).toEqual(expected.at(-1));
      },
    );

    it('are kept apart when a batch has many', async () => {
      const ordered = Array.from({ length: 50 }, () => ({ id: newId(), facts: orderAt(newId()) }));
      const ticked = ordered.filter((_, index) => index % 2 === 0).map(({ id }) => ({ id, facts: accepted }));
      const merged = await batch([...ordered, ...ticked.toReversed()]);
      const orders = new Map(ordered.map(({ id, facts: { order } }) => [id, order]));
      expect(merged).toEqual([
        ...ordered.map(({ id }) => ({ id, order: orders.get(id), cancelled: false })),
        ...ticked.toReversed().map(({ id }) => ({ id, order: orders.get(id), readyBy, cancelled: false })),
      ]);
    });

    it('lose no fact when batches that overlap arrive at the same moment', async () => {
      const ids = Array.from({ length: 20 }, () => newId());
      const order = orderAt(newId());
      await Promise.all([
        batch(ids.map((id) => ({ id, facts: order }))),
        batch(ids.toReversed().map((id) => ({ id, facts: accepted }))),
      ]);
      for (const id of ids) {
        const found = await run(({ deliveries }) => deliveries.find(id));
        expect(found).toEqual({ id, ...order, ...accepted, cancelled: false });
      }
    });

    it('lose no fact when several arrive at the same moment', async () => {
      const id = newId();
      await Promise.all(
        [facts.ordered, facts.accepted, facts.cancelled].map((fact) =>
          run(({ deliveries }) => deliveries.merge(id, fact)),
        ),
      );
      const found = await run(({ deliveries }) => deliveries.find(id));
      expect(found).toEqual({ id, ...facts.ordered, ...accepted, cancelled: true });
    });

    it('give those that wait for a restaurant: ordered there, accepted, neither cancelled nor assigned', async () => {
      const restaurantId = newId();
      const [waiting, unaccepted, withdrawn, taken, elsewhere] = [
        newId(),
        newId(),
        newId(),
        newId(),
        newId(),
      ];
      const found = await run(async ({ deliveries }) => {
        for (const id of [waiting, unaccepted, withdrawn, taken])
          await deliveries.merge(id, orderAt(restaurantId));
        await deliveries.merge(elsewhere, orderAt(newId()));
        for (const id of [waiting, withdrawn, taken, elsewhere]) await deliveries.merge(id, accepted);
        await deliveries.merge(withdrawn, cancelled);
        await deliveries.assign(taken, newId(), stops(taken));
        return deliveries.waitingFor(restaurantId);
      });
      expect(found).toEqual([{ id: waiting, ...orderAt(restaurantId), readyBy, cancelled: false }]);
    });

    it('are given to a courier with all that is to be done', async () => {
      const [id, courierId] = [newId(), newId()];
      const [found, actions] = await run(async ({ deliveries }) => {
        await deliveries.merge(id, { ...orderAt(newId()), ...accepted });
        await deliveries.assign(id, courierId, stops(id));
        return [await deliveries.find(id), await deliveries.actions(id)];
      });
      expect(found).toMatchObject({ courierId });
      expect(actions).toEqual(stops(id));
    });

    it('are given to one courier only', async () => {
      const [id, first, second] = [newId(), newId(), newId()];
      const [found, plan] = await run(async ({ deliveries, couriers }) => {
        await deliveries.merge(id, { ...orderAt(newId()), ...accepted });
        await deliveries.assign(id, first, stops(id));
        await deliveries.assign(id, second, stops(id));
        return [await deliveries.find(id), await couriers.plan(second)];
      });
      expect(found).toMatchObject({ courierId: first });
      expect(plan).toEqual([]);
    });

    it('are given to nobody once they are cancelled', async () => {
      const [id, courierId] = [newId(), newId()];
      const [found, plan] = await run(async ({ deliveries, couriers }) => {
        await deliveries.merge(id, { ...orderAt(newId()), ...accepted, ...cancelled });
        await deliveries.assign(id, courierId, stops(id));
        return [await deliveries.find(id), await couriers.plan(courierId)];
      });
      expect(found).not.toHaveProperty('courierId');
      expect(plan).toEqual([]);
    });

    it('are taken off the plan of the courier, who keeps the others', async () => {
      const [id, other, courierId] = [newId(), newId(), newId()];
      const [actions, plan] = await run(async ({ deliveries, couriers }) => {
        for (const each of [id, other]) {
          await deliveries.merge(each, { ...orderAt(newId()), ...accepted });
          await deliveries.assign(each, courierId, stops(each));
        }
        await deliveries.dropActions(id);
        return [await deliveries.actions(id), await couriers.plan(courierId)];
      });
      expect(actions).toEqual([]);
      expect(plan).toEqual(stops(other));
    });

    it('are taken off the plan when a batch has several, and no other is', async () => {
      const [courierId, ...ids] = [newId(), newId(), newId(), newId()];
      const [first = '', second = '', kept = ''] = ids;
      const plan = await run(async ({ deliveries, couriers }) => {
        for (const id of ids) {
          await deliveries.merge(id, { ...orderAt(newId()), ...accepted });
          await deliveries.assign(id, courierId, stops(id));
        }
        await Promise.all([first, second, first].map((id) => deliveries.dropActions(id)));
        return couriers.plan(courierId);
      });
      expect(plan).toEqual(stops(kept));
    });
  });

  describe('the couriers', () => {
    const availableOnes: string[] = [];
    const come = async (...ids: string[]): Promise<void> => {
      for (const id of ids) await run(({ couriers }) => couriers.setAvailability(id, true));
      availableOnes.push(...ids);
    };
    afterEach(async () => {
      for (const id of availableOnes.splice(0)) {
        await run(({ couriers }) => couriers.setAvailability(id, false));
      }
    });
    const next = async (newOne = newId()): Promise<string> => {
      const id = await run(({ couriers }) => couriers.next(newOne));
      if (!availableOnes.includes(id)) availableOnes.push(id);
      return id;
    };

    it('know nobody under an id that was never used, and that nobody has no plan', async () => {
      const id = newId();
      expect(await run(({ couriers }) => couriers.find(id))).toBeUndefined();
      expect(await run(({ couriers }) => couriers.plan(id))).toEqual([]);
    });

    it('keep who is available, a new courier too', async () => {
      const id = newId();
      const said: unknown[] = [];
      for (const available of [false, true, true, false]) {
        await run(({ couriers }) => couriers.setAvailability(id, available));
        said.push(await run(({ couriers }) => couriers.find(id)));
      }
      expect(said).toEqual([false, true, true, false].map((available) => ({ id, available })));
    });

    it('make an available one when nobody is available', async () => {
      const [gone, made] = [newId(), newId()];
      await run(({ couriers }) => couriers.setAvailability(gone, false));
      expect(await next(made)).toBe(made);
      expect(await run(({ couriers }) => couriers.find(made))).toEqual({ id: made, available: true });
    });

    it('make no second one for deliveries of one moment', async () => {
      const chosen = await run(({ couriers }) => Promise.all([1, 2, 3].map(() => couriers.next(newId()))));
      availableOnes.push(...chosen);
      expect(new Set(chosen).size).toBe(1);
    });

    it('take turns', async () => {
      const three = [newId(), newId(), newId()];
      await come(...three);
      const turns: string[] = [];
      for (let turn = 0; turn < 6; turn++) turns.push(await next());
      expect(new Set(turns.slice(0, 3))).toEqual(new Set(three));
      expect(turns.slice(3)).toEqual(turns.slice(0, 3));
    });

    it('take turns within one transaction, too', async () => {
      const two = [newId(), newId()];
      await come(...two);
      const turns = await run(({ couriers }) => Promise.all([1, 2, 3, 4].map(() => couriers.next(newId()))));
      expect(new Set(turns.slice(0, 2))).toEqual(new Set(two));
      expect(turns.slice(2)).toEqual(turns.slice(0, 2));
    });

    it('keep their place in turn when they come and go', async () => {
      const [first, second] = [newId(), newId()];
      await come(first, second);
      const assigned = await next();
      await run(({ couriers }) => couriers.setAvailability(assigned, false));
      await run(({ couriers }) => couriers.setAvailability(assigned, true));
      expect(await next()).not.toBe(assigned);
    });

    it('have their plans by time', async () => {
      const courierId = newId();
      const [late, early] = [newId(), newId()];
      const latePlan = stops(late, '2030-01-31T18:10:00.000Z', '2030-01-31T18:40:00.000Z');
      const earlyPlan = stops(early, '2030-01-31T18:00:00.000Z', '2030-01-31T18:30:00.000Z');
      const plan = await run(async ({ deliveries, couriers }) => {
        for (const actions of [latePlan, earlyPlan]) {
          const id = actions === latePlan ? late : early;
          await deliveries.merge(id, { ...orderAt(newId()), ...accepted });
          await deliveries.assign(id, courierId, actions);
        }
        return couriers.plan(courierId);
      });
      expect(plan).toEqual([earlyPlan[0], latePlan[0], earlyPlan[1], latePlan[1]]);
    });

    it('show the last stops of a long plan', async () => {
      const courierId = newId();
      const count = PLANNED_STOPS + 2;
      const timeOf = (minute: number) => new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString();
      const plan = await run(async ({ deliveries, couriers }) => {
        for (let minute = 0; minute < count; minute += 2) {
          const id = newId();
          await deliveries.merge(id, { ...orderAt(newId()), ...accepted });
          await deliveries.assign(id, courierId, stops(id, timeOf(minute), timeOf(minute + 1)));
        }
        return couriers.plan(courierId);
      });
      expect(plan.map(({ time }) => time)).toEqual(
        Array.from({ length: PLANNED_STOPS }, (_, index) => timeOf(index + 2)),
      );
    });
  });

  describe('the restaurant copies', () => {
    const copy = (id: string) => ({ id, name: 'Ajanta', address: ajanta });

    it('know nothing of a restaurant that was never created', async () => {
      expect(await run(({ restaurants }) => restaurants.find(newId()))).toBeUndefined();
    });

    it('keep a restaurant, however often its creation arrives', async () => {
      const id = newId();
      await run(({ restaurants }) => restaurants.created(copy(id)));
      await run(({ restaurants }) => restaurants.created(copy(id)));
      expect(await run(({ restaurants }) => restaurants.find(id))).toEqual(copy(id));
    });

    it('show a creation to who missed it before, in the same transaction and in later ones', async () => {
      const id = newId();
      const within = await run(async ({ restaurants }) => {
        await restaurants.find(id);
        await restaurants.created(copy(id));
        return restaurants.find(id);
      });
      expect(within).toEqual(copy(id));
      expect(await run(({ restaurants }) => restaurants.find(id))).toEqual(copy(id));
    });
  });
});
