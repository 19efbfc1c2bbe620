import { http } from '@ftgo/serviceapis';
import { defineRoute, type Route, type Transactor } from '@ftgo/shared-ts';
import * as application from '../application';
import type { KitchenPorts } from '../application';
import type { OpenedTicket } from '../domain/ticket';

/** The kitchen service's routes. */
export const routes = (transactor: Transactor<KitchenPorts>): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/tickets/:ticketID/accept',
    summary: 'Accept a ticket, with the time when the food will be ready',
    params: http.kitchen.Params,
    body: http.kitchen.Accept,
    success: { status: 202, body: http.IdBody },
    rejections: [404, 409, 422],
    handle: ({ params, body, context }) => {
      const command: application.AcceptTicket = {
        ticketId: params.ticketID,
        readyBy: body.ready_by,
        acceptedAt: new Date().toISOString(),
      };
      return transactor.execute(context, (ports) => application.acceptTicket(ports, command));
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/tickets/:ticketID',
    summary: 'Look at a ticket',
    params: http.kitchen.Params,
    success: { status: 200, body: http.kitchen.View },
    rejections: [404],
    handle: async ({ params, context }) => {
      const ticket = await transactor.execute(context, (ports) =>
        application.getTicket(ports, params.ticketID),
      );
      return {
        id: params.ticketID,
        order_id: ticket.orderId,
        restaurant_id: ticket.restaurantId,
        state: ticket.status,
        line_items: ticket.lineItems.map(({ menuItemId, ...item }) => ({
          menu_item_id: menuItemId,
          ...item,
        })),
        ...acceptanceOf(ticket),
      };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/restaurants/:restaurantID',
    summary: 'Whether the kitchen knows a restaurant',
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

/** What the restaurant promised; it stands while the ticket is held. */
function acceptanceOf(ticket: OpenedTicket): { ready_by?: string; accepted_at?: string } {
  const worked = 'before' in ticket ? ticket.before : ticket;
  return worked.status === 'Accepted' ? { ready_by: worked.readyBy, accepted_at: worked.acceptedAt } : {};
}
