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

const rejection = (code: string): object => {
  const expected: unknown = expect.objectContaining({ name: Rejection.name, code });
  return expected as object;
};

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
    expect(() => openTicket(t.given(), order, smaller)).toThrow(rejection('MENU_ITEM_NOT_FOUND'));
  });

  it.each(Object.entries(t.histories).filter(([, events]) => events.length > 0))(
    'again gives nothing new when it is %s, even if the menu lacks the items now',
    (_state, events) => {
      expect(openTicket(t.given(...events), order, { ...restaurant, menu: [] })).toEqual([]);
    },
  );

  it('is refused when the ticket is another order’s', () => {
    const other = { ...order, orderId: '0193c005-0000-7000-8000-000000000005' };
    expect(() => openTicket(t.given(t.opened), other, restaurant)).toThrow(rejection('TICKET_EXISTS'));
  });

  it('is refused when the ticket is another restaurant’s', () => {
    const other = { ...restaurant, id: '0193c006-0000-7000-8000-000000000006' };
    expect(() => openTicket(t.given(t.opened), order, other)).toThrow(rejection('TICKET_EXISTS'));
  });
});
