import type { kitchenapi } from '@ftgo/serviceapis';
import { NotYetKnown } from '@ftgo/shared-ts';
import { notFound, Rejection } from '@ftgo/shared-ts/domain';
import { openTicket } from '../../domain/open-ticket';
import type { Restaurant } from '../../domain/restaurant';
import type { KitchenPorts } from '../ports';

export interface CreateTicket extends kitchenapi.CreateTicket {
  readonly ticketId: string;
}

/**
 * Opens a ticket for an order. The order service may have heard of a restaurant or of an item before the kitchen: what is missing here may be on
 * its way.
 * @throws NotYetKnown with Rejection RESTAURANT_NOT_FOUND or MENU_ITEM_NOT_FOUND
 * @throws Rejection TICKET_EXISTS
 */
export async function createTicket(ports: KitchenPorts, command: CreateTicket): Promise<void> {
  const { ticketId, orderId, restaurantId, ticketDetails: lineItems } = command;
  const restaurant = restaurantOf(ports, restaurantId);
  try {
    await ports.tickets.update(ticketId, openTicket, { orderId, lineItems }, restaurant);
  } catch (error) {
    if (error instanceof Rejection && error.code === 'MENU_ITEM_NOT_FOUND') throw new NotYetKnown(error);
    throw error;
  }
}

async function restaurantOf({ restaurants }: KitchenPorts, restaurantId: string): Promise<Restaurant> {
  const restaurant = await restaurants.find(restaurantId);
  if (restaurant === undefined) throw new NotYetKnown(notFound('restaurant', restaurantId));
  return restaurant;
}
