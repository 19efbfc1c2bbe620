import { http } from '@ftgo/serviceapis';
import { defineRoute, newId, type Route, type Transactor } from '@ftgo/shared-ts';
import * as application from '../application';
import type { OrderPorts } from '../application';

/** The order service's routes. */
export const routes = (transactor: Transactor<OrderPorts>): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/orders',
    summary: 'Place an order; it is approved or rejected soon after',
    body: http.order.Create,
    idempotent: true,
    beginsWork: true,
    success: { status: 201, body: http.IdBody },
    rejections: [404, 422],
    handle: ({ body, context, idempotency }) => {
      const command: application.CreateOrder = {
        orderId: newId(),
        consumerId: body.consumer_id,
        restaurantId: body.restaurant_id,
        lineItems: body.line_items,
        deliverAt: body.delivery_time,
        deliverTo: body.delivery_address,
      };
      return transactor.execute(context, (ports) => application.createOrder(ports, command), { idempotency });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/orders/:orderID',
    summary: 'Look at an order',
    params: http.order.Params,
    success: { status: 200, body: http.order.View },
    rejections: [404],
    handle: async ({ params, context }) => {
      const order = await transactor.execute(context, (ports) => application.getOrder(ports, params.orderID));
      return {
        order_id: params.orderID,
        state: order.status,
        order_total: order.orderTotal,
        consumer_id: order.consumerId,
        restaurant_id: order.restaurantId,
        ...('ticketId' in order ? { ticket_id: order.ticketId } : {}),
        line_items: order.lineItems.map(({ menuItemId, ...item }) => ({ menu_item_id: menuItemId, ...item })),
      };
    },
  }),
  defineRoute({
    method: 'put',
    path: '/api/orders/:orderID/cancel',
    summary: 'Cancel an approved order',
    params: http.order.Params,
    beginsWork: true,
    success: { status: 202, body: http.order.CancelAnswer },
    rejections: [404, 409],
    handle: ({ params, context }) =>
      transactor.execute(context, (ports) =>
        application.cancelOrder(ports, { orderId: params.orderID, sagaId: newId() }),
      ),
  }),
  defineRoute({
    method: 'put',
    path: '/api/orders/:orderID/revise',
    summary: "Change an approved order's quantities",
    params: http.order.Params,
    body: http.order.Revise,
    beginsWork: true,
    success: { status: 202, body: http.order.ReviseAnswer },
    rejections: [404, 409, 422],
    handle: ({ params, body, context }) =>
      transactor.execute(context, (ports) =>
        application.reviseOrder(ports, {
          orderId: params.orderID,
          sagaId: newId(),
          revisedQuantities: body.revised_quantities,
        }),
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/restaurants/:restaurantID',
    summary: 'Whether orders can be placed at a restaurant',
    params: http.restaurant.Params,
    success: { status: 200, body: http.IdBody },
    rejections: [404],
    handle: async ({ params, context }) => {
      const { id } = await transactor.execute(context, (ports) =>
        application.getRestaurant(ports, params.restaurantID),
      );
      return { id };
    },
  }),
];
