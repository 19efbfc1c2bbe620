import {
  approve,
  beginCancel,
  beginRevise,
  confirmRevise,
  reject,
  undoCancel,
  undoRevise,
} from '../../src/domain/decisions';
import { orderAggregate } from '../../src/domain/order';
import { rejection } from '../rejections';
import { after, histories, ids, orderThatIs, placed, revision } from '../sample-orders';

const { order, ticket } = ids;

describe('an order', () => {
  it('waits for its approval once it is placed, and has no ticket yet', () => {
    expect(after(placed)).toEqual({ ...placed.data, status: 'ApprovalPending' });
  });

  it('remembers its ticket when it is approved', () => {
    const events = approve(orderThatIs('ApprovalPending'), order, ticket);
    expect(events).toEqual([{ type: 'orderapi.OrderApproved', data: { ticketId: ticket } }]);
    expect(after(placed, ...events)).toEqual({ ...placed.data, status: 'Approved', ticketId: ticket });
  });

  it('can not be approved with another ticket', () => {
    expect(() => approve(orderThatIs('Approved'), order, ids.nobody)).toThrow(
      rejection({ kind: 'conflict', code: 'ORDER_STATE' }),
    );
  });

  it('says why it was rejected', () => {
    const events = reject(orderThatIs('ApprovalPending'), order, 'accountingapi.AccountDisabled');
    expect(events).toEqual([
      { type: 'orderapi.OrderRejected', data: { reason: 'accountingapi.AccountDisabled' } },
    ]);
    expect(after(placed, ...events)).toMatchObject({
      status: 'Rejected',
      reason: 'accountingapi.AccountDisabled',
    });
  });

  it('is rejected without a reason when none is known', () => {
    expect(reject(orderThatIs('ApprovalPending'), order)).toEqual([
      { type: 'orderapi.OrderRejected', data: {} },
    ]);
  });

  it('is what it was before once its cancellation is undone', () => {
    const approved = histories.Approved;
    const held = [...approved, ...beginCancel(after(...approved), order)];
    expect(after(...held)).toMatchObject({ status: 'CancelPending', ticketId: ticket });
    expect(after(...held, ...undoCancel(after(...held), order))).toEqual(after(...approved));
  });

  it('keeps its ticket when it is cancelled', () => {
    expect(orderThatIs('Cancelled')).toEqual({ ...placed.data, status: 'Cancelled', ticketId: ticket });
  });

  it('is rejected, held and cancelled under its own id: an unknown one is named in the rejection', () => {
    expect(() => beginCancel(orderThatIs('NotPlaced'), ids.nobody)).toThrow(
      rejection({ code: 'ORDER_NOT_FOUND', message: `There is no order ${ids.nobody}.` }),
    );
  });

  it('says in a rejection which state stands in the way', () => {
    expect(() => beginCancel(orderThatIs('ApprovalPending'), order)).toThrow(
      "The order can't be cancelled, because it is ApprovalPending.",
    );
  });

  it('can not be rebuilt from a history that does not begin with its placing', () => {
    expect(() => after({ type: 'orderapi.OrderCancelled', data: {} })).toThrow('before the order was placed');
  });

  it('can not be rebuilt from an event that nobody knows', () => {
    const unheardOf = JSON.parse('{"type":"order.Eaten","data":{}}') as (typeof histories.Approved)[number];
    expect(() => after(placed, unheardOf)).toThrow('Unreachable case');
  });

  it('shows other services only the events of the published language', () => {
    const names = new Set(
      Object.values(histories)
        .flat()
        .map((event) => event.type),
    );
    expect([...names].filter((name) => !orderAggregate.published.has(name))).toEqual([
      'order.OrderCancelling',
    ]);
    expect([...orderAggregate.published].every((name) => name.startsWith('orderapi.'))).toBe(true);
  });
});

describe('a revision of an order', () => {
  it('is proposed with the total that it would have', () => {
    expect(beginRevise(orderThatIs('Approved'), order, { vindaloo: 1 })).toEqual([
      { type: 'orderapi.OrderProposedRevision', data: revision },
    ]);
  });

  it('changes neither quantities nor total while it is pending', () => {
    expect(orderThatIs('RevisionPending')).toMatchObject({
      orderTotal: 2867,
      lineItems: placed.data.lineItems,
      revision,
    });
  });

  it('changes quantities and total when it is confirmed, and what it does not name stays', () => {
    const pending = histories.RevisionPending;
    const events = confirmRevise(after(...pending), order, revision.revisedQuantities);
    expect(events).toEqual([{ type: 'orderapi.OrderRevised', data: revision }]);
    expect(after(...pending, ...events)).toEqual({
      ...placed.data,
      status: 'Approved',
      ticketId: ticket,
      orderTotal: 1633,
      lineItems: [
        { menuItemId: 'vindaloo', name: 'Chicken Vindaloo', price: 1234, quantity: 1 },
        { menuItemId: 'lassi', name: 'Mango Lassi', price: 399, quantity: 1 },
      ],
    });
  });

  it('is confirmed as it was proposed, whatever the confirmation says', () => {
    expect(confirmRevise(orderThatIs('RevisionPending'), order, { lassi: 5 })).toEqual([
      { type: 'orderapi.OrderRevised', data: revision },
    ]);
  });

  it('is confirmed once: the second time the quantities are there already', () => {
    const events = [...histories.RevisionPending];
    events.push(...confirmRevise(after(...events), order, revision.revisedQuantities));
    expect(confirmRevise(after(...events), order, revision.revisedQuantities)).toEqual([]);
  });

  it('leaves the order as it was when it is undone', () => {
    const pending = histories.RevisionPending;
    expect(after(...pending, ...undoRevise(after(...pending), order))).toEqual(orderThatIs('Approved'));
  });

  it('may take an item off the bill', () => {
    expect(beginRevise(orderThatIs('Approved'), order, { lassi: 0 })).toMatchObject([
      { data: { newOrderTotal: 2468 } },
    ]);
  });

  it('must leave something to pay', () => {
    expect(() => beginRevise(orderThatIs('Approved'), order, { vindaloo: 0, lassi: 0 })).toThrow(
      rejection({ kind: 'unprocessable', code: 'NOTHING_LEFT_TO_PAY' }),
    );
  });

  it.each(['water', 'constructor', 'toString'])('can not name %s, which was not ordered', (id) => {
    expect(() => beginRevise(orderThatIs('Approved'), order, { [id]: 1 })).toThrow(
      rejection({ kind: 'unprocessable', code: 'ORDER_ITEM_NOT_FOUND' }),
    );
  });
});
