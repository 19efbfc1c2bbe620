import { Rejection } from '@ftgo/shared-ts/domain';
import { openTicket } from '../../src/domain/open-ticket';
import * as t from './tickets';

const restaurant = {
  id: t.restaurantId,
  menu: [
    { id: 'soup', name: 'Soup', price: 450 },
    { id: 'cake', name: 'Cake', price: 600 },
  ],
};
const order = { orderId: t.orderId, lineItems: t.lineItems };

function rejectionOf(decide: () => unknown): string | undefined {
  try {
    decide();
    return undefined;
  } catch (error) {
    if (error instanceof Rejection) return error.code;
    throw error;
  }
}

describe('Opening a ticket', () => {
  it('gives a ticket with what was ordered', () => {
    expect(openTicket(t.given(), order, restaurant)).toEqual([t.opened]);
    expect(t.given(t.opened)).toEqual({
      status: 'CreatePending',
      orderId: t.orderId,
      restaurantId: t.restaurantId,
      lineItems: t.lineItems,
    });
  });

  it('is refused when the menu lacks an item', () => {
    const smaller = { ...restaurant, menu: restaurant.menu.slice(0, 1) };
    expect(rejectionOf(() => openTicket(t.given(), order, smaller))).toBe('MENU_ITEM_NOT_FOUND');
  });

  it.each(Object.entries(t.histories).filter(([status]) => !['NotCreated', 'Forestalled'].includes(status)))(
    'again gives nothing new when it is %s, even if the menu lacks the items now',
    (_state, events) => {
      expect(openTicket(t.given(...events), order, { ...restaurant, menu: [] })).toEqual([]);
    },
  );

  it('is refused when its creation was cancelled before it came', () => {
    expect(rejectionOf(() => openTicket(t.given(t.forestalled), order, restaurant))).toBe('TICKET_STATE');
  });

  it('is refused when the ticket is another order’s', () => {
    const other = { ...order, orderId: '0193c005-0000-7000-8000-000000000005' };
    expect(rejectionOf(() => openTicket(t.given(t.opened), other, restaurant))).toBe('TICKET_EXISTS');
  });

  it('is refused when the ticket is another restaurant’s', () => {
    const other = { ...restaurant, id: '0193c006-0000-7000-8000-000000000006' };
    expect(rejectionOf(() => openTicket(t.given(t.opened), order, other))).toBe('TICKET_EXISTS');
  });
});
