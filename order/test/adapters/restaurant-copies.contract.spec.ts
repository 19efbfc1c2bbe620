import { newId } from '@ftgo/shared-ts';
import type { RestaurantCopies } from '../../src/application';
import { ajanta } from '../sample-orders';
import { eachOrderStore } from './each-order-store';

const [vindaloo, lassi] = ajanta.menu;
if (vindaloo === undefined || lassi === undefined) throw new Error('the sample menu is too short');

describe('the copies of the restaurants', () => {
  eachOrderStore((run) => {
    /** Each call is a transaction of its own. */
    const copies = <T>(work: (restaurants: RestaurantCopies) => Promise<T>): Promise<T> =>
      run(({ restaurants }) => work(restaurants));
    const found = (id: string) => copies((restaurants) => restaurants.find(id));
    const created = (id: string, version = 1) =>
      copies((restaurants) => restaurants.created({ id, name: 'Zuni', menu: [vindaloo] }, version));
    const revised = (id: string, version: number, menu = [lassi]) =>
      copies((restaurants) => restaurants.menuRevised(id, menu, version));

    it('do not hold a restaurant that nobody has told of', async () => {
      expect(await found(newId())).toBeUndefined();
    });

    it('hold a restaurant once it is created', async () => {
      const id = newId();
      await created(id);
      expect(await found(id)).toEqual({ id, name: 'Zuni', menu: [vindaloo] });
    });

    it('hold an empty menu', async () => {
      const id = newId();
      await created(id);
      await revised(id, 2, []);
      expect(await found(id)).toEqual({ id, name: 'Zuni', menu: [] });
    });

    it('keep the order of the menu', async () => {
      const id = newId();
      await created(id);
      await revised(id, 2, [lassi, vindaloo]);
      expect((await found(id))?.menu).toEqual([lassi, vindaloo]);
    });

    it('have the menu of the newest revision, though an older one comes later', async () => {
      const id = newId();
      await created(id);
      await revised(id, 3, [lassi, vindaloo]);
      await revised(id, 2, [lassi]);
      expect((await found(id))?.menu).toEqual([lassi, vindaloo]);
    });

    it('keep the menu of a revision that came before the creation', async () => {
      const id = newId();
      await revised(id, 2);
      expect(await found(id)).toBeUndefined();
      await created(id);
      expect(await found(id)).toEqual({ id, name: 'Zuni', menu: [lassi] });
    });

    it('are not changed by an event that comes again', async () => {
      const id = newId();
      await created(id);
      await revised(id, 2);
      await created(id);
      await revised(id, 2, [vindaloo]);
      expect(await found(id)).toEqual({ id, name: 'Zuni', menu: [lassi] });
    });

    it('hold many restaurants apart', async () => {
      const [one, other] = [newId(), newId()];
      await created(one);
      await created(other);
      await revised(one, 2);
      const both = await copies((restaurants) =>
        Promise.all([restaurants.find(one), restaurants.find(other), restaurants.find(newId())]),
      );
      expect(both.map((restaurant) => restaurant?.menu)).toEqual([[lassi], [vindaloo], undefined]);
    });

    it('show what was written earlier in the same transaction', async () => {
      const id = newId();
      const seen = await copies(async (restaurants) => {
        const before = await restaurants.find(id);
        await restaurants.created({ id, name: 'Zuni', menu: [vindaloo] }, 1);
        const made = await restaurants.find(id);
        await restaurants.menuRevised(id, [lassi], 2);
        return [before, made?.menu, (await restaurants.find(id))?.menu];
      });
      expect(seen).toEqual([undefined, [vindaloo], [lassi]]);
    });

    it('forget what a transaction wrote that failed', async () => {
      const id = newId();
      const failing = copies(async (restaurants) => {
        await restaurants.created({ id, name: 'Zuni', menu: [vindaloo] }, 1);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await found(id)).toBeUndefined();
    });

    it('have the newest menu when revisions arrive at once', async () => {
      const id = newId();
      await created(id);
      const versions = [5, 2, 9, 3, 7, 4, 8, 6];
      await Promise.all(versions.map((version) => revised(id, version, [{ ...lassi, price: version }])));
      expect((await found(id))?.menu).toEqual([{ ...lassi, price: 9 }]);
    });
  });
});
