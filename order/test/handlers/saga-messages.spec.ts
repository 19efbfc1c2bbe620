import { orderapi } from '@ftgo/serviceapis';
import { newId, SUCCESS, type Reply } from '@ftgo/shared-ts';
import { testContext } from '@ftgo/shared-ts/testing';
import { cancelOrder, reviseOrder } from '../../src/application';
import { OrderService } from '../order-service';
import { ids, revision } from '../sample-orders';

let service: OrderService;
let orderId: string;
beforeEach(async () => {
  service = await OrderService.withAjanta();
  orderId = await service.place();
});
afterEach(() => service.messages.stop());

const no = (reason: string): Reply => ({ outcome: 'FAILURE', name: 'msg.Failure', payload: { reason } });
const disabled: Reply = { outcome: 'FAILURE', name: 'accountingapi.AccountDisabled', payload: {} };
const ticketMade: Reply = {
  outcome: 'SUCCESS',
  name: 'kitchenapi.CreateTicketReply',
  payload: { ticketId: ids.ticket },
};

/** OrderCreated comes back from the broker, as it stands in the outbox. */
function orderCreatedArrives(arrival: { id?: string } = {}) {
  const row = service.outbox().find(({ headers }) => headers['ce-type'] === 'orderapi.OrderCreated');
  const payload = orderapi.OrderCreated.payload.parse(JSON.parse(row?.payload ?? ''));
  return service.messages.event(orderapi.OrderCreated, { id: orderId, version: 1 }, payload, arrival);
}

/** The command that is out is this one, and it is answered; a command to ourselves is carried out and its reply delivered. */
async function answer(name: string, reply: Reply = SUCCESS): Promise<void> {
  const command = service.lastCommand();
  expect(command.headers['ce-type']).toBe(name);
  expect(await service.messages.reply(command, reply)).toBe('acknowledged');
}

async function carryOut(name: string): Promise<void> {
  const command = service.lastCommand();
  expect(command.headers['ce-type']).toBe(name);
  await service.messages.raw(`ftgo.${command.channel}`, command.headers, Buffer.from(command.payload));
  const reply = service.replies().at(-1);
  if (reply === undefined) throw new Error(`${name} was not answered`);
  expect(reply.inReplyTo).toBe(command.id);
  await service.messages.reply(command, reply);
}

const status = async (): Promise<string> => (await service.order(orderId)).status;
const eventNames = (): string[] => service.events().map(({ name }) => name);

describe('OrderCreated', () => {
  it('starts the CreateOrderSaga under the id of the order', async () => {
    await orderCreatedArrives();
    expect(service.saga(orderId)).toMatchObject({
      sagaName: 'orderservice.CreateOrderSaga',
      state: 'RUNNING',
    });
    expect(service.commands().map(({ channel, headers }) => [channel, headers['ce-type']])).toEqual([
      ['consumerservice', 'consumerapi.ValidateOrderByConsumer'],
    ]);
  });

  it('starts one saga, however often it comes', async () => {
    const id = newId();
    for (const arrival of [{ id }, { id }, {}, {}]) {
      expect(await orderCreatedArrives(arrival)).toBe('acknowledged');
    }
    await Promise.all([orderCreatedArrives(), orderCreatedArrives(), orderCreatedArrives()]);
    expect(service.sagas()).toHaveLength(1);
    expect(service.commands()).toHaveLength(1);
    expect(await service.counted('ftgo_sagas_total', { state: 'RUNNING' })).toBe(1);
  });

  it('does not start a saga over that is further on', async () => {
    await orderCreatedArrives();
    await answer('consumerapi.ValidateOrderByConsumer');
    await orderCreatedArrives();
    expect(service.lastCommand().headers['ce-type']).toBe('kitchenapi.CreateTicket');
  });
});

describe('the CreateOrderSaga', () => {
  beforeEach(() => orderCreatedArrives());

  it('gets the order approved', async () => {
    await answer('consumerapi.ValidateOrderByConsumer');
    await answer('kitchenapi.CreateTicket', ticketMade);
    await answer('accountingapi.AuthorizeOrder');
    await answer('kitchenapi.ConfirmCreateTicket');
    await carryOut('orderapi.ApproveOrder');
    expect(await service.order(orderId)).toMatchObject({ status: 'Approved', ticketId: ids.ticket });
    expect(service.saga(orderId)?.state).toBe('COMPLETED');
    expect(eventNames()).toEqual(['orderapi.OrderCreated', 'orderapi.OrderApproved']);
    expect(await service.counted('approved_orders')).toBe(1);
    expect(await service.counted('ftgo_sagas_total', { state: 'COMPLETED' })).toBe(1);
  });

  it('gets the order rejected, and the order says why', async () => {
    await answer('consumerapi.ValidateOrderByConsumer');
    await answer('kitchenapi.CreateTicket', ticketMade);
    await answer('accountingapi.AuthorizeOrder', disabled);
    await answer('kitchenapi.CancelCreateTicket');
    await carryOut('orderapi.RejectOrder');
    expect(await service.order(orderId)).toMatchObject({
      status: 'Rejected',
      reason: 'accountingapi.AccountDisabled',
    });
    expect(service.saga(orderId)?.state).toBe('COMPENSATED');
    expect(service.events().at(-1)).toMatchObject({
      name: 'orderapi.OrderRejected',
      version: 2,
      payload: { reason: 'accountingapi.AccountDisabled' },
    });
    expect(await service.counted('rejected_orders')).toBe(1);
    expect(await service.counted('approved_orders')).toBe(0);
  });

  it('sends commands that carry all that the contract names', async () => {
    const { headers, partitionKey, id } = service.lastCommand();
    expect(partitionKey).toBe(orderId);
    expect(headers).toMatchObject({
      'ce-id': id,
      'ce-source': '/ftgo/order-service',
      'ce-messagekind': 'command',
      'ce-partitionkey': orderId,
      'ce-sagaid': orderId,
      'ce-saganame': 'orderservice.CreateOrderSaga',
      'ce-replyto': 'orderservice.CreateOrderSaga.reply',
    });
  });

  it('keeps the correlation of the first request through all its steps', async () => {
    const first = service.lastCommand().headers['ce-correlationid'];
    await service.messages.reply(service.lastCommand(), SUCCESS, { correlationId: first });
    expect(service.lastCommand().headers['ce-correlationid']).toBe(first);
  });

  it('is moved on once by a reply that comes twice', async () => {
    const command = service.lastCommand();
    const id = newId();
    await service.messages.reply(command, SUCCESS, { id });
    await service.messages.reply(command, SUCCESS, { id, deliveryCount: 2 });
    await service.messages.reply(command, SUCCESS);
    expect(service.commands()).toHaveLength(2);
    expect(await service.counted('ftgo_saga_replies_ignored_total')).toBe(1);
  });

  it('is not moved by a reply that names another saga of the house', async () => {
    const command = service.lastCommand();
    const headers = { ...command.headers, 'ce-saganame': 'orderservice.CancelOrderSaga' };
    await service.messages.reply({ ...command, headers }, SUCCESS);
    expect(service.commands()).toHaveLength(1);
    expect(await service.counted('ftgo_saga_replies_ignored_total')).toBe(1);
  });

  it('is not moved by a reply to a saga that nobody started', async () => {
    const command = service.lastCommand();
    const headers = { ...command.headers, 'ce-sagaid': newId() };
    expect(await service.messages.reply({ ...command, headers }, SUCCESS)).toBe('acknowledged');
    expect(service.commands()).toHaveLength(1);
  });

  it.each(['ce-sagaid', 'ce-inreplyto', 'ce-outcome'])(
    'sets a reply aside that lacks %s',
    async (missing) => {
      const { headers, id } = service.lastCommand();
      const reply: Record<string, string> = {
        'ce-id': newId(),
        'ce-type': 'msg.Success',
        'ce-messagekind': 'reply',
        'ce-saganame': headers['ce-saganame'] ?? '',
        'ce-sagaid': orderId,
        'ce-inreplyto': id,
        'ce-outcome': 'SUCCESS',
      };
      delete reply[missing];
      const settled = await service.messages.raw('ftgo.x.reply', reply, Buffer.from('{}'));
      expect(settled).toBe('set aside');
      expect(service.commands()).toHaveLength(1);
    },
  );

  it('sets a reply aside at once that lacks what the next steps need', async () => {
    await answer('consumerapi.ValidateOrderByConsumer');
    const settled = await service.messages.reply(service.lastCommand(), { ...ticketMade, payload: {} });
    expect(settled).toBe('set aside');
    expect(service.lastCommand().headers['ce-type']).toBe('kitchenapi.CreateTicket');
    expect(service.saga(orderId)?.state).toBe('RUNNING');
  });

  it('sends the same command again when no reply comes in time', async () => {
    const first = service.lastCommand();
    expect(await service.sweep(new Date())).toBe(0);
    expect(await service.sweep(new Date(Date.now() + 200_000))).toBe(1);
    expect(service.commands()).toHaveLength(2);
    expect(service.lastCommand()).toMatchObject({ id: first.id, payload: first.payload });
  });

  it('tries a step past the pivot anew after a refusal, under another id', async () => {
    await answer('consumerapi.ValidateOrderByConsumer');
    await answer('kitchenapi.CreateTicket', ticketMade);
    await answer('accountingapi.AuthorizeOrder');
    await answer('kitchenapi.ConfirmCreateTicket', no('TICKET_STATE'));
    const refused = service.lastCommand();
    expect(await service.sweep(new Date(Date.now() + 60_000))).toBe(1);
    expect(service.lastCommand().headers['ce-type']).toBe('kitchenapi.ConfirmCreateTicket');
    expect(service.lastCommand().id).not.toBe(refused.id);
    await answer('kitchenapi.ConfirmCreateTicket');
    await carryOut('orderapi.ApproveOrder');
    expect(await status()).toBe('Approved');
  });
});

describe('an approved order', () => {
  beforeEach(async () => {
    await service.messages.command(orderapi.ApproveOrder, { orderId, ticketId: ids.ticket });
  });

  const cancel = () =>
    service.transactor.execute(testContext(), (ports) => cancelOrder(ports, { orderId, sagaId: newId() }));
  const revise = () =>
    service.transactor.execute(testContext(), (ports) =>
      reviseOrder(ports, { orderId, sagaId: newId(), revisedQuantities: { vindaloo: 1 } }),
    );

  it('is cancelled by its saga', async () => {
    await cancel();
    await answer('kitchenapi.BeginCancelTicket');
    expect(JSON.parse(service.lastCommand().payload)).toEqual({
      orderId,
      consumerId: ids.consumer,
      orderTotal: 2867,
    });
    await answer('accountingapi.ReverseAuthorizeOrder');
    await answer('kitchenapi.ConfirmCancelTicket');
    expect(await status()).toBe('CancelPending');
    await carryOut('orderapi.ConfirmCancelOrder');
    expect(await status()).toBe('Cancelled');
    expect(service.sagas().map(({ state }) => state)).toEqual(['COMPLETED']);
    expect(eventNames().at(-1)).toBe('orderapi.OrderCancelled');
    expect(await service.counted('cancelled_orders')).toBe(1);
  });

  it('is approved again when the kitchen does not let its ticket go', async () => {
    await cancel();
    await answer('kitchenapi.BeginCancelTicket', no('TICKET_STATE'));
    await carryOut('orderapi.UndoCancelOrder');
    expect(await status()).toBe('Approved');
    expect(service.sagas().map(({ state }) => state)).toEqual(['COMPENSATED']);
    expect(eventNames()).toEqual(['orderapi.OrderCreated', 'orderapi.OrderApproved']);
    expect(await service.counted('cancelled_orders')).toBe(0);
  });

  it('is approved again when its account is disabled, and can be cancelled later', async () => {
    await cancel();
    await answer('kitchenapi.BeginCancelTicket');
    await answer('accountingapi.ReverseAuthorizeOrder', disabled);
    await answer('kitchenapi.UndoCancelTicket');
    await carryOut('orderapi.UndoCancelOrder');
    expect(await status()).toBe('Approved');
    await cancel();
    expect(await status()).toBe('CancelPending');
    expect(service.sagas()).toHaveLength(2);
  });

  it('is revised by its saga: quantities and total change at its end', async () => {
    await revise();
    await answer('kitchenapi.BeginReviseTicket');
    expect(JSON.parse(service.lastCommand().payload)).toMatchObject({ orderTotal: 1633 });
    await answer('accountingapi.ReviseAuthorizeOrder');
    await answer('kitchenapi.ConfirmReviseTicket');
    expect(await service.order(orderId)).toMatchObject({ status: 'RevisionPending', orderTotal: 2867 });
    await carryOut('orderapi.ConfirmReviseOrder');
    expect(await service.order(orderId)).toMatchObject({ status: 'Approved', orderTotal: 1633 });
    expect(eventNames().slice(-2)).toEqual(['orderapi.OrderProposedRevision', 'orderapi.OrderRevised']);
    expect(service.events().at(-1)?.payload).toEqual(revision);
    expect(await service.counted('revised_orders')).toBe(1);
  });

  it('stays as it is when the new total is not authorized', async () => {
    await revise();
    await answer('kitchenapi.BeginReviseTicket');
    await answer('accountingapi.ReviseAuthorizeOrder', disabled);
    await answer('kitchenapi.UndoReviseTicket');
    await carryOut('orderapi.UndoReviseOrder');
    expect(await service.order(orderId)).toMatchObject({ status: 'Approved', orderTotal: 2867 });
    expect(service.sagas().map(({ state }) => state)).toEqual(['COMPENSATED']);
    expect(await service.counted('revised_orders')).toBe(0);
  });

  it('stays as it is when the kitchen does not take the revision', async () => {
    await revise();
    await answer('kitchenapi.BeginReviseTicket', no('TICKET_STATE'));
    await carryOut('orderapi.UndoReviseOrder');
    expect(await service.order(orderId)).toMatchObject({ status: 'Approved', orderTotal: 2867 });
  });
});
