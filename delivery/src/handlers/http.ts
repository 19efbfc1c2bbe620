import { http } from '@ftgo/serviceapis';
import { defineRoute, type Route, type Transactor } from '@ftgo/shared-ts';
import * as application from '../application';
import type { DeliveryPorts } from '../application';
import { statusOf } from '../domain/delivery';

/** The delivery service's routes. */
export const routes = (transactor: Transactor<DeliveryPorts>): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/couriers/:courierID/availability',
    summary: 'Say whether a courier takes deliveries; an unknown courier is a new one',
    params: http.delivery.CourierParams,
    body: http.delivery.Availability,
    success: { status: 200, body: http.delivery.Availability },
    handle: ({ params, body, context }) =>
      transactor.execute(context, (ports) =>
        application.setCourierAvailability(ports, { courierId: params.courierID, available: body.available }),
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/couriers/:courierID',
    summary: "Look at a courier's plan",
    params: http.delivery.CourierParams,
    success: { status: 200, body: http.delivery.CourierView },
    rejections: [404],
    handle: async ({ params, context }) => {
      const { id, available, actions } = await transactor.execute(context, (ports) =>
        application.getCourier(ports, params.courierID),
      );
      return {
        id,
        available,
        actions: actions.map(({ deliveryId, ...action }) => ({ delivery_id: deliveryId, ...action })),
      };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/deliveries/:deliveryID',
    summary: "Look at an order's delivery; it has the order's id",
    params: http.delivery.DeliveryParams,
    success: { status: 200, body: http.delivery.View },
    rejections: [404],
    handle: async ({ params, context }) => {
      const delivery = await transactor.execute(context, (ports) =>
        application.getDelivery(ports, params.deliveryID),
      );
      return {
        id: delivery.id,
        status: statusOf(delivery),
        assigned_courier: delivery.courierId ?? '',
        courier_actions: delivery.actions.map(({ type }) => type),
      };
    },
  }),
];
