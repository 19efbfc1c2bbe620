import { join } from 'node:path';
import { newId } from '@ftgo/shared-ts';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import { createRestaurant, type RestaurantPorts } from '../../src/application';
import type { Restaurant } from '../../src/domain/restaurant';
import { address, cake, soup } from '../restaurants';

const adapters = {
  serviceId: 'restaurant-service',
  schema: {
    shared: ['outbox', 'inbox', 'idempotency'] as const,
    folder: join(__dirname, '../../migrations'),
  },
  inMemory: inMemoryPorts,
  postgres: postgresPorts,
};

describe('The restaurant service’s restaurants', () => {
  eachStore(adapters, (transactor) => {
    const run = <T>(work: (ports: RestaurantPorts) => Promise<T>) =>
      transactor().execute(testContext(), work);
    const find = (id: string) => run((ports) => ports.restaurants.find(id));
    const replaceMenu = (id: string, menu: Restaurant['menu']) =>
      run((ports) => ports.restaurants.replaceMenu(id, menu));
    const added = async (different: Partial<Restaurant> = {}): Promise<Restaurant> => {
      const restaurant = { id: newId(), name: 'Ajanta', address, menu: [soup, cake], ...different };
      expect(await run((ports) => ports.restaurants.add(restaurant))).toBe(1);
      return restaurant;
    };

    it('lack one that was never added', async () => {
      expect(await find(newId())).toBeUndefined();
      expect(await replaceMenu(newId(), [soup])).toBeUndefined();
    });

    it('keep one with its menu', async () => {
      const restaurant = await added();
      expect(await find(restaurant.id)).toEqual(restaurant);
    });

    it('keep names, addresses and prices as they are', async () => {
      const restaurant = await added({
        name: 'Zoë’s “Küche” 🥘 \\ $1',
        address: { ...address, street2: 'Rear building' },
        menu: [
          { id: 'a', name: 'Nothing, free of charge', price: 0 },
          { id: 'A', name: 'Gold', price: 2_147_483_647 },
        ],
      });
      expect(await find(restaurant.id)).toEqual(restaurant);
    });

    it('keep an empty menu', async () => {
      const restaurant = await added({ menu: [] });
      expect(await find(restaurant.id)).toEqual(restaurant);
    });

    it('keep the order of a menu of many items', async () => {
      const menu = Array.from({ length: 500 }, (_, index) => ({
        id: `item-${(index * 7919) % 500}`,
        name: `Item ${index}`,
        price: index,
      }));
      const restaurant = await added({ menu });
      expect((await find(restaurant.id))?.menu).toEqual(menu);
    });

    it('replace a menu as a whole, and only that restaurant’s', async () => {
      const [restaurant, other] = [await added(), await added()];
      const menu = [{ ...cake, price: 700 }, { id: 'tea', name: 'Tea', price: 200 }, soup];
      expect(await replaceMenu(restaurant.id, menu)).toBe(2);
      expect(await find(restaurant.id)).toEqual({ ...restaurant, menu });
      expect(await find(other.id)).toEqual(other);
    });

    it('replace a menu by none, and none by one', async () => {
      const restaurant = await added();
      expect(await replaceMenu(restaurant.id, [])).toBe(2);
      expect(await find(restaurant.id)).toEqual({ ...restaurant, menu: [] });
      expect(await replaceMenu(restaurant.id, [cake])).toBe(3);
      expect(await find(restaurant.id)).toEqual({ ...restaurant, menu: [cake] });
    });

    it('give menus that are revised at once versions of their own, and keep the last one’s menu', async () => {
      const { id } = await added();
      const revisions = await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          const menu = [soup, { id: `item-${index}`, name: `Item ${index}`, price: index }];
          return { version: await replaceMenu(id, menu), menu };
        }),
      );
      const versions = revisions.map(({ version }) => version ?? 0).sort((a, b) => a - b);
      expect(versions).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
      const last = revisions.find(({ version }) => version === 9);
      expect((await find(id))?.menu).toEqual(last?.menu);
    });

    it('show what the same transaction has written', async () => {
      const { id } = await added();
      const seen = await run(async ({ restaurants }) => {
        const before = await restaurants.find(id);
        await restaurants.replaceMenu(id, [cake]);
        return [before?.menu, (await restaurants.find(id))?.menu];
      });
      expect(seen).toEqual([[soup, cake], [cake]]);
    });

    it('are as before when a transaction fails', async () => {
      const restaurant = await added();
      const failing = run(async (ports) => {
        await ports.restaurants.replaceMenu(restaurant.id, []);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      expect(await find(restaurant.id)).toEqual(restaurant);
      expect(await replaceMenu(restaurant.id, [cake])).toBe(2);
    });

    it('do not take a second one with the same id', async () => {
      const restaurant = await added();
      await expect(run((ports) => ports.restaurants.add(restaurant))).rejects.toThrow();
    });

    it('get one for one Idempotency-Key, even when the requests come at once', async () => {
      const idempotency = { scope: 'POST /api/restaurants', key: newId(), fingerprint: 'the same' };
      const answers = await Promise.all(
        [1, 2, 3].map(() => {
          const restaurant = { id: newId(), name: 'Ajanta', address, menu: [soup] };
          return transactor().execute(testContext(), (ports) => createRestaurant(ports, restaurant), {
            idempotency,
          });
        }),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    });
  });
});
