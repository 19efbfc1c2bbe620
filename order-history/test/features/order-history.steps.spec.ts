import { join } from 'node:path';
import { newId } from '@ftgo/shared-ts';
import { defineFeature, loadFeature, type DefineStepFunction } from 'jest-cucumber';
import { anOrder, idsIn, startOrderHistories, type OrderHistories, type Ordered } from '../order-histories';

interface Found {
  readonly order_id: string;
  readonly restaurant_name: string;
}

const cents = (amount: string): number => Math.round(Number(amount) * 100);

defineFeature(loadFeature(join(__dirname, '../../features/order-history.feature')), (test) => {
  let histories: OrderHistories;
  let consumers: Readonly<Record<string, string>>;
  let order: Ordered;
  let found: readonly Found[];
  let placed: string[];
  let pages: string[][];

  beforeEach(async () => {
    histories = await startOrderHistories();
    consumers = { Ann: newId(), Bob: newId() };
    placed = [];
    pages = [];
  });
  afterEach(() => histories.messages.stop());

  const dish = (name: string) => ({ menuItemId: 'dish', name, price: 1234, quantity: 1 });
  const hasOrdered = (step: DefineStepFunction): void =>
    step(
      /^(\w+) has ordered "(.*)" from "(.*)"$/,
      async (who: string, what: string, restaurantName: string) => {
        order = anOrder({
          consumerId: consumers[who],
          restaurantName,
          lineItems: [dish(what)],
          orderTotal: 1234,
        });
        await histories.created(order);
      },
    );
  const isApproved = (step: DefineStepFunction): void =>
    step('the order is approved', async () => {
      await histories.approved(order.orderId);
    });
  const looksFor = (step: DefineStepFunction): void =>
    step(/^(\w+) looks for "(.*)"$/, async (who: string, words: string) => {
      const { body } = await histories
        .search({ consumerID: consumers[who] ?? '', 'filter[keywords]': words })
        .expect(200);
      found = (body as { orders: Found[] }).orders;
    });
  const historyShows = (step: DefineStepFunction): void =>
    step(/^(\w+)'s history shows the order as (\w+)$/, async (who: string, status: string) => {
      const { body } = await histories.search({ consumerID: consumers[who] ?? '' }).expect(200);
      expect(body).toMatchObject({ orders: [{ order_id: order.orderId, status }] });
    });

  test('An approved order', ({ given, when, then }) => {
    hasOrdered(given);
    isApproved(when);
    historyShows(then);
  });

  test('A revised order', ({ given, and, when, then }) => {
    hasOrdered(given);
    isApproved(and);
    when(/^the order is revised to (\d+) of ".*" for ([\d.]+)$/, async (quantity: string, total: string) => {
      await histories.revised(
        order.orderId,
        { version: 4 },
        {
          currentOrderTotal: order.orderTotal,
          newOrderTotal: cents(total),
          revisedQuantities: { dish: Number(quantity) },
        },
      );
    });
    historyShows(then);
    and(
      /^it shows (\d+) of "(.*)" and a total of ([\d.]+)$/,
      async (quantity: string, name: string, total: string) => {
        expect((await histories.order(order.orderId).expect(200)).body).toMatchObject({
          line_items: [{ name, quantity: Number(quantity) }],
          order_total: cents(total),
        });
      },
    );
  });

  test('The news of the cancellation overtakes that of the order', ({ given, when, then }) => {
    given(
      /^(\w+)'s order from "(.*)" was cancelled before its news arrived$/,
      async (who: string, restaurantName: string) => {
        order = anOrder({ consumerId: consumers[who], restaurantName });
        await histories.cancelled(order.orderId);
        await histories.approved(order.orderId);
      },
    );
    when('the news of the order arrives', async () => {
      await histories.created(order);
    });
    historyShows(then);
  });

  test('Searching by restaurant and dish', ({ given, and, when, then }) => {
    hasOrdered(given);
    hasOrdered(and);
    looksFor(when);
    then(/^she finds (\d+) order, from "(.*)"$/, (count: string, restaurant: string) => {
      expect(found.map((each) => each.restaurant_name)).toEqual(Array(Number(count)).fill(restaurant));
    });
  });

  test('Nobody sees the orders of others', ({ given, when, then }) => {
    hasOrdered(given);
    looksFor(when);
    then('he finds no order', () => {
      expect(found).toEqual([]);
    });
  });

  test('Turning pages', ({ given, when, then }) => {
    given(/^(\w+) has placed (\d+) orders$/, async (who: string, count: string) => {
      for (let minute = 0; minute < Number(count); minute++) {
        const createdAt = new Date(Date.UTC(2030, 0, 1, 12, minute)).toISOString();
        order = anOrder({ consumerId: consumers[who], createdAt });
        await histories.created(order);
        placed.push(order.orderId);
      }
    });
    when(/^(\w+) turns the pages of her history, (\d+) orders each$/, async (who: string, limit: string) => {
      let next = '';
      do {
        const { body } = await histories
          .search({ consumerID: consumers[who] ?? '', limit, next })
          .expect(200);
        pages.push(idsIn(body));
        next = (body as { next: string }).next;
      } while (next !== '');
    });
    then(/^she sees (\d+) pages with every order once, newest first$/, (count: string) => {
      expect(pages).toHaveLength(Number(count));
      expect(pages.flat()).toEqual([...placed].reverse());
    });
  });
});
