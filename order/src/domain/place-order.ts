import { conflict, unprocessable } from '@ftgo/shared-ts/domain';
import { totalOf, type OrderDetails, type OrderEvent, type OrderState } from './order';
import type { Restaurant } from './restaurant';

/** What a consumer asks for. */
export interface OrderRequest {
  readonly consumerId: string;
  /** Menu item id to quantity. */
  readonly lineItems: Readonly<Record<string, number>>;
  /** RFC 3339, UTC. */
  readonly deliverAt: string;
  readonly deliverTo: OrderDetails['deliverTo'];
}

/**
 * Places an order at the prices of the restaurant's menu as it is known now.
 * @throws Rejection MENU_ITEM_NOT_FOUND, ORDER_TOTAL_TOO_LARGE
 */
export function placeOrder(state: OrderState, request: OrderRequest, restaurant: Restaurant): OrderEvent[] {
  if (state.status !== 'NotPlaced') throw conflict('ORDER_EXISTS', 'This order was placed before.');
  const menu = new Map(restaurant.menu.map((item) => [item.id, item]));
  const lineItems = Object.entries(request.lineItems).map(([menuItemId, quantity]) => {
    const item = menu.get(menuItemId);
    if (item === undefined) {
      throw unprocessable('MENU_ITEM_NOT_FOUND', `The restaurant's menu has no item ${menuItemId}.`);
    }
    return { menuItemId, name: item.name, price: item.price, quantity };
  });
  const orderTotal = payable(totalOf(lineItems));
  const { consumerId, deliverAt, deliverTo } = request;
  const { id: restaurantId, name: restaurantName } = restaurant;
  return [
    {
      type: 'orderapi.OrderCreated',
      data: { consumerId, restaurantId, restaurantName, lineItems, orderTotal, deliverAt, deliverTo },
    },
  ];
}

/** A total that can be counted exactly. */
export function payable(total: number): number {
  if (total > Number.MAX_SAFE_INTEGER) {
    throw unprocessable('ORDER_TOTAL_TOO_LARGE', 'The total of the order is too large; order less.');
  }
  return total;
}
