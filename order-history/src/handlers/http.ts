import { http } from '@ftgo/serviceapis';
import { defineRoute, HttpError, type Route, type Transactor } from '@ftgo/shared-ts';
import * as application from '../application';
import type { OrderHistoryPorts } from '../application';
import { wordsOf } from '../domain/keywords';
import type { OrderHistory } from '../domain/order-history';
import type { Place } from '../domain/search';
import { cursorOf, placeOf } from './cursor';

/** The order history's routes. */
export const routes = (transactor: Transactor<OrderHistoryPorts>): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/orders',
    summary: 'Search orders, newest first, page by page',
    query: http.orderHistory.Search,
    success: { status: 200, body: http.orderHistory.Page },
    handle: async ({ query, context }) => {
      if (query['filter[keywords]'].some(isWordless)) return { orders: [], next: '' };
      const search = {
        consumerId: query.consumerID,
        status: query['filter[status]'],
        keywords: wordsOf(...query['filter[keywords]']),
        since: query['filter[since]'],
        after: pageAfter(query.next),
        limit: query.limit,
      };
      const { orders, next } = await transactor.execute(context, (ports) =>
        application.searchOrders(ports, search),
      );
      return { orders: orders.map(viewOf), next: next === undefined ? '' : cursorOf(next) };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/orders/:orderID',
    summary: "Look at an order's history",
    params: http.orderHistory.Params,
    success: { status: 200, body: http.orderHistory.View },
    rejections: [404],
    handle: async ({ params, context }) =>
      viewOf(
        await transactor.execute(context, (ports) => application.getOrderHistory(ports, params.orderID)),
      ),
  }),
];

/** Something is looked for, but what names are searched for are words: no order has it. */
const isWordless = (text: string): boolean => text.trim() !== '' && wordsOf(text).length === 0;

/** @throws HttpError 400 when it is no cursor of ours; an empty one is that of the first page */
function pageAfter(cursor: string): Place | undefined {
  if (cursor === '') return undefined;
  const place = placeOf(cursor);
  if (place !== undefined) return place;
  const message = 'must be the next of an earlier page';
  throw new HttpError(400, `The request is not valid: next: ${message}`, {
    code: 'VALIDATION_FAILED',
    errors: [{ path: 'next', message }],
  });
}

const viewOf = (order: OrderHistory) => ({
  order_id: order.orderId,
  status: order.status,
  restaurant_id: order.restaurantId,
  restaurant_name: order.restaurantName,
  order_total: order.orderTotal,
  line_items: order.lineItems.map(({ menuItemId, ...item }) => ({ menu_item_id: menuItemId, ...item })),
  created_at: order.createdAt,
});
