import { kitchenapi, orderapi, restaurantapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import { testContext } from '@ftgo/shared-ts/testing';
import { getRestaurant } from '../../src/application';
import { OrderService } from '../order-service';
import { rejection } from '../rejections';
import { ajanta, home, ids } from '../sample-orders';

let service: OrderService;
let orderId: string;
beforeEach(async () => {
  service = await OrderService.withAjanta();
  orderId = await service.place();
});
afterEach(() => service.messages.stop());

const status = async (): Promise<string> => (await service.order(orderId)).status;
const eventNames = (): string[] => service.events().map(({ name }) => name);

describe('a command', () => {
  const sagaId = newId();
  const approve = (arrival: { id?: string; deliveryCount?: number } = {}) =>
    service.messages.command(
      orderapi.ApproveOrder,
      { orderId, ticketId: ids.ticket },
      { ...arrival, sagaId },
    );

  it('is answered on the channel that it names, with all that the contract names', async () => {
    const id = newId();
    await approve({ id });
    const row = service.outbox().find(({ headers }) => headers['ce-messagekind'] === 'reply');
    expect(row).toMatchObject({ channel: 'test.Saga.reply', partitionKey: sagaId, payload: '{}' });
    expect(row?.headers).toMatchObject({
      'ce-type': 'msg.Success',
      'ce-sagaid': sagaId,
      'ce-saganame': 'test.Saga',
      'ce-inreplyto': id,
      'ce-outcome': 'SUCCESS',
      'ce-partitionkey': sagaId,
      'ce-causationid': id,
    });
  });

  it('that comes twice has one effect, and gets the same answer again', async () => {
    const id = newId();
    await approve({ id });
    await approve({ id, deliveryCount: 2 });
    expect(eventNames()).toEqual(['orderapi.OrderCreated', 'orderapi.OrderApproved']);
    const [first] = service.replies();
    expect(first).toMatchObject({ inReplyTo: id, outcome: 'SUCCESS' });
    expect(service.replies()).toEqual([first, first]);
    expect(await service.counted('approved_orders')).toBe(1);
  });

  it('that comes again under another id succeeds again, with no further effect', async () => {
    await approve();
    await approve();
    expect(service.replies().map(({ outcome }) => outcome)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(eventNames()).toEqual(['orderapi.OrderCreated', 'orderapi.OrderApproved']);
    expect(await service.counted('approved_orders')).toBe(1);
  });

  it('that the state does not allow is answered with a failure', async () => {
    await service.messages.command(orderapi.ConfirmCancelOrder, { orderId });
    expect(service.replies()).toMatchObject([
      { outcome: 'FAILURE', name: 'msg.Failure', payload: { reason: 'ORDER_STATE' } },
    ]);
    expect(await status()).toBe('ApprovalPending');
  });

  it('about an order that nobody placed is answered with a failure', async () => {
    await service.messages.command(orderapi.ApproveOrder, { orderId: ids.nobody, ticketId: ids.ticket });
    expect(service.replies()).toMatchObject([{ outcome: 'FAILURE', payload: { reason: 'ORDER_NOT_FOUND' } }]);
  });

  it('that is none of the published language is set aside', async () => {
    const payload = JSON.parse('{"orderId": "17"}') as { orderId: string };
    expect(await service.messages.command(orderapi.RejectOrder, payload)).toBe('set aside');
    expect(service.replies()).toEqual([]);
  });

  it('RejectOrder gives the order the reason that it carries', async () => {
    await service.messages.command(
      orderapi.RejectOrder,
      { orderId },
      { attributes: { failure: 'TOO_LATE' } },
    );
    expect(await service.order(orderId)).toMatchObject({ status: 'Rejected', reason: 'TOO_LATE' });
  });

  it('BeginCancelOrder holds the order, UndoCancelOrder lets it go', async () => {
    await approve();
    await service.messages.command(orderapi.BeginCancelOrder, { orderId });
    expect(await status()).toBe('CancelPending');
    await service.messages.command(orderapi.UndoCancelOrder, { orderId });
    expect(await status()).toBe('Approved');
  });

  it('ConfirmCancelOrder cancels an order that is held', async () => {
    await approve();
    await service.messages.command(orderapi.BeginCancelOrder, { orderId });
    await service.messages.command(orderapi.ConfirmCancelOrder, { orderId });
    expect(await status()).toBe('Cancelled');
  });

  it('BeginReviseOrder holds the order and answers with the total that it would have', async () => {
    await approve();
    await service.messages.command(orderapi.BeginReviseOrder, {
      orderId,
      revisedQuantities: { vindaloo: 1 },
    });
    expect(await status()).toBe('RevisionPending');
    expect(service.replies().at(-1)).toMatchObject({
      outcome: 'SUCCESS',
      name: 'orderapi.BeginReviseOrderReply',
      payload: { revisedOrderTotal: 1633 },
    });
  });

  it('UndoReviseOrder lets an order go that is held, unchanged', async () => {
    await approve();
    await service.messages.command(orderapi.BeginReviseOrder, {
      orderId,
      revisedQuantities: { vindaloo: 1 },
    });
    await service.messages.command(orderapi.UndoReviseOrder, { orderId });
    expect(await service.order(orderId)).toMatchObject({ status: 'Approved', orderTotal: 2867 });
  });

  it('ConfirmReviseOrder changes quantities and total of an order that is held', async () => {
    const revised = { orderId, revisedQuantities: { vindaloo: 1 } };
    await approve();
    await service.messages.command(orderapi.BeginReviseOrder, revised);
    await service.messages.command(orderapi.ConfirmReviseOrder, revised);
    expect(await service.order(orderId)).toMatchObject({ status: 'Approved', orderTotal: 1633 });
  });
});

describe('the copy of a restaurant', () => {
  const id = newId();
  const [vindaloo, lassi] = ajanta.menu;
  if (vindaloo === undefined || lassi === undefined) throw new Error('the sample menu is too short');

  const happenings = {
    created: () =>
      service.messages.event(
        restaurantapi.RestaurantCreated,
        { id, version: 1 },
        { name: 'Zuni', address: home, menu: [vindaloo] },
      ),
    'revised once': () =>
      service.messages.event(restaurantapi.RestaurantMenuRevised, { id, version: 2 }, { menu: [lassi] }),
    'revised twice': () =>
      service.messages.event(
        restaurantapi.RestaurantMenuRevised,
        { id, version: 3 },
        { menu: [lassi, vindaloo] },
      ),
  };
  type Happening = keyof typeof happenings;

  const copy = () => service.transactor.execute(testContext(), (ports) => getRestaurant(ports, id));

  it.each<Happening[]>([
    ['created', 'revised once', 'revised twice'],
    ['created', 'revised twice', 'revised once'],
    ['revised once', 'created', 'revised twice'],
    ['revised once', 'revised twice', 'created'],
    ['revised twice', 'created', 'revised once'],
    ['revised twice', 'revised once', 'created'],
  ])('has the newest menu when what arrives is: %s, %s, %s', async (...order) => {
    for (const happening of order) expect(await happenings[happening]()).toBe('acknowledged');
    expect(await copy()).toEqual({ id, name: 'Zuni', menu: [lassi, vindaloo] });
  });

  it('is not there while only its menu is known', async () => {
    await happenings['revised once']();
    await expect(copy()).rejects.toThrow(rejection({ code: 'RESTAURANT_NOT_FOUND' }));
  });

  it('stays what it is when an event comes again', async () => {
    await happenings.created();
    await happenings['revised once']();
    await happenings.created();
    expect(await copy()).toEqual({ id, name: 'Zuni', menu: [lassi] });
  });

  it.each([
    ['without a version', { 'ce-subject': id }],
    ['without a restaurant', { 'ce-sequence': '1' }],
    ['with a version that is no number', { 'ce-subject': id, 'ce-sequence': 'one' }],
  ])('is not made by an event %s, which is set aside', async (_what, headers) => {
    const settled = await service.messages.raw(
      'ftgo.restaurantservice.Restaurant',
      {
        'ce-id': newId(),
        'ce-type': 'restaurantapi.RestaurantMenuRevised',
        'ce-messagekind': 'event',
        ...headers,
      },
      Buffer.from('{"menu": []}'),
    );
    expect(settled).toBe('set aside');
  });
});

describe('events that the order service does not follow', () => {
  it('are done with', async () => {
    const accepted = { orderId, acceptedAt: '2030-01-31T18:00:00Z', readyBy: '2030-01-31T18:20:00Z' };
    const event = { id: ids.ticket, version: 2 };
    expect(await service.messages.event(kitchenapi.TicketAccepted, event, accepted)).toBe('acknowledged');
    expect(service.messages.deadLetters).toEqual([]);
  });
});
