import { conflict, unprocessable } from '@ftgo/shared-ts/domain';
import type { Restaurant } from './restaurant';
import type { TicketDetails, TicketEvent, TicketState } from './ticket';

/**
 * Opens a ticket for an order; the restaurant does not see it before the order is paid for. Opening the same ticket again gives no event, whatever
 * has become of the ticket or the menu since.
 * @throws Rejection TICKET_EXISTS, MENU_ITEM_NOT_FOUND, TICKET_STATE when its creation was cancelled before this came
 */
export function openTicket(
  state: TicketState,
  { orderId, lineItems }: Pick<TicketDetails, 'orderId' | 'lineItems'>,
  restaurant: Restaurant,
): TicketEvent[] {
  if (state.status === 'Forestalled')
    throw conflict('TICKET_STATE', 'The creation of this ticket was cancelled before the ticket was opened.');
  if (state.status !== 'NotCreated') {
    if (state.orderId === orderId && state.restaurantId === restaurant.id) return [];
    throw conflict('TICKET_EXISTS', 'This ticket was opened for another order.');
  }
  const menu = new Set(restaurant.menu.map((item) => item.id));
  for (const { menuItemId } of lineItems) {
    if (!menu.has(menuItemId)) {
      throw unprocessable('MENU_ITEM_NOT_FOUND', `The restaurant's menu has no item ${menuItemId}.`);
    }
  }
  return [{ type: 'kitchen.TicketOpened', data: { orderId, restaurantId: restaurant.id, lineItems } }];
}
