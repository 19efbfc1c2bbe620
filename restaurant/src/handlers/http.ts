import { http } from '@ftgo/serviceapis';
import { defineRoute, newId, type Route, type Transactor } from '@ftgo/shared-ts';
import * as application from '../application';
import type { RestaurantPorts } from '../application';

/** The restaurant service's routes. */
export const routes = (transactor: Transactor<RestaurantPorts>): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/restaurants',
    summary: 'Add a restaurant with its first menu',
    body: http.restaurant.Create,
    idempotent: true,
    success: { status: 201, body: http.IdBody },
    rejections: [422],
    handle: ({ body, context, idempotency }) => {
      const { name, address, menu } = body;
      const command: application.CreateRestaurant = { id: newId(), name, address, menu: menu.menu_items };
      return transactor.execute(context, (ports) => application.createRestaurant(ports, command), {
        idempotency,
      });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/restaurants/:restaurantID',
    summary: 'Look at a restaurant and its menu',
    params: http.restaurant.Params,
    success: { status: 200, body: http.restaurant.View },
    rejections: [404],
    handle: async ({ params, context }) => {
      const { id, name, address, menu } = await transactor.execute(context, (ports) =>
        application.getRestaurant(ports, params.restaurantID),
      );
      return { id, name, address, menu: { menu_items: [...menu] } };
    },
  }),
  defineRoute({
    method: 'put',
    path: '/api/restaurants/:restaurantID/menu',
    summary: "Replace a restaurant's menu",
    params: http.restaurant.Params,
    body: http.restaurant.ReviseMenu,
    success: { status: 200, body: http.IdBody },
    rejections: [404],
    handle: ({ params, body, context }) =>
      transactor.execute(context, (ports) =>
        application.reviseMenu(ports, { restaurantId: params.restaurantID, menu: body.menu.menu_items }),
      ),
  }),
];
