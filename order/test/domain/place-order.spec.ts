import fc from 'fast-check';
import { orderapi } from '@ftgo/serviceapis';
import { placeOrder } from '../../src/domain/place-order';
import { rejection } from '../rejections';
import { ajanta, orderThatIs, placed, request } from '../sample-orders';

const nothing = orderThatIs('NotPlaced');

describe('placing an order', () => {
  it('takes names and prices from the menu', () => {
    expect(placeOrder(nothing, request, ajanta)).toEqual([placed]);
  });

  it('refuses an item that the menu does not have', () => {
    expect(() => placeOrder(nothing, { ...request, lineItems: { vindaloo: 1, pizza: 1 } }, ajanta)).toThrow(
      rejection({
        kind: 'unprocessable',
        code: 'MENU_ITEM_NOT_FOUND',
        message: "The restaurant's menu has no item pizza.",
      }),
    );
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'refuses %s, which every object has and no menu',
    (id) => {
      const lineItems = JSON.parse(`{"${id}": 1}`) as Record<string, number>;
      expect(() => placeOrder(nothing, { ...request, lineItems }, ajanta)).toThrow(
        rejection({ code: 'MENU_ITEM_NOT_FOUND' }),
      );
    },
  );

  it('takes an item that costs nothing', () => {
    expect(placeOrder(nothing, { ...request, lineItems: { water: 3 } }, ajanta)).toMatchObject([
      { data: { orderTotal: 0 } },
    ]);
  });

  it('refuses a total that can not be counted exactly', () => {
    const gold = Array.from({ length: 500 }, (_, index) => ({
      id: `gold-${index}`,
      name: 'Gold',
      price: 2_147_483_647,
    }));
    const lineItems = Object.fromEntries(gold.map(({ id }) => [id, 10_000]));
    expect(() => placeOrder(nothing, { ...request, lineItems }, { ...ajanta, menu: gold })).toThrow(
      rejection({ kind: 'unprocessable', code: 'ORDER_TOTAL_TOO_LARGE' }),
    );
  });

  it('costs the sum of prices times quantities, and says so in the published language', () => {
    const dish = fc.record({
      id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,9}$/),
      price: fc.nat(2_147_483_647),
      quantity: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(dish, { selector: ({ id }) => id, minLength: 1, maxLength: 20 }),
        (dishes) => {
          const menu = dishes.map(({ id, price }) => ({ id, name: `Dish ${id}`, price }));
          const lineItems = Object.fromEntries(dishes.map(({ id, quantity }) => [id, quantity]));
          const [event] = placeOrder(nothing, { ...request, lineItems }, { ...ajanta, menu });
          const sum = dishes.reduce(
            (total, { price, quantity }) => total + BigInt(price) * BigInt(quantity),
            0n,
          );
          const created = orderapi.OrderCreated.payload.parse(event?.data);
          expect(BigInt(created.orderTotal)).toBe(sum);
          expect(created.lineItems).toHaveLength(dishes.length);
          expect(created).toEqual(event?.data);
        },
      ),
    );
  });
});
