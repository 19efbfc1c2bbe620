import { accountingapi, consumerapi, kitchenapi, orderapi } from '@ftgo/serviceapis';
import { SagaDriver } from '@ftgo/shared-ts/testing';
import { createOrderSaga, type CreateOrderSagaData } from '../../src/sagas/create-order-saga';
import { ids } from '../sample-orders';

const orderId = ids.order;
const ticketId = ids.ticket;
const data: CreateOrderSagaData = {
  orderId,
  consumerId: ids.consumer,
  restaurantId: ids.restaurant,
  orderTotal: 2867,
  ticketDetails: [{ menuItemId: 'vindaloo', name: 'Chicken Vindaloo', quantity: 2 }],
};
const payment = { orderId, consumerId: ids.consumer, orderTotal: 2867 };

type Story = SagaDriver<CreateOrderSagaData>;

const placed = (): Story =>
  new SagaDriver(createOrderSaga, data).expect(consumerapi.ValidateOrderByConsumer, payment);
const validated = (): Story =>
  placed()
    .succeed()
    .expect(kitchenapi.CreateTicket, {
      orderId,
      restaurantId: ids.restaurant,
      ticketDetails: [{ menuItemId: 'vindaloo', name: 'Chicken Vindaloo', quantity: 2 }],
    });
const ticketCreated = (): Story =>
  validated()
    .succeed(kitchenapi.CreateTicketReply, { ticketId })
    .expect(accountingapi.AuthorizeOrder, payment);
const authorized = (): Story =>
  ticketCreated().succeed().expect(kitchenapi.ConfirmCreateTicket, { ticketId });
const ticketConfirmed = (): Story =>
  authorized().succeed().expect(orderapi.ApproveOrder, { orderId, ticketId });

describe('the CreateOrderSaga', () => {
  it('approves the order when everybody agrees', () => {
    ticketConfirmed().succeed().expectCompleted();
  });

  it('rejects the order of a consumer whom nobody knows', () => {
    placed()
      .fail(consumerapi.ConsumerNotFound, {})
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('rejects the order when the kitchen can not make it, and cancels no ticket, for there is none', () => {
    validated()
      .fail('MENU_ITEM_NOT_FOUND')
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('cancels the ticket and then rejects the order when the account is disabled', () => {
    ticketCreated()
      .fail(accountingapi.AccountDisabled, {})
      .expect(kitchenapi.CancelCreateTicket, { ticketId })
      .succeed()
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('tells the order why it is rejected, all the way back', () => {
    const story = ticketCreated()
      .fail(accountingapi.AccountDisabled, {})
      .expect(kitchenapi.CancelCreateTicket, { ticketId })
      .succeed()
      .expect(orderapi.RejectOrder, { orderId });
    expect(story.sent.at(-1)?.attributes['failure']).toBe('accountingapi.AccountDisabled');
    expect(story.instance.failure).toBe('accountingapi.AccountDisabled');
  });

  it('gives the reason of a plain failure where there is one', () => {
    expect(validated().fail('MENU_ITEM_NOT_FOUND').instance.failure).toBe('MENU_ITEM_NOT_FOUND');
  });

  it('carries no failure in its commands while all goes well', () => {
    expect(ticketConfirmed().sent.filter(({ attributes }) => 'failure' in attributes)).toEqual([]);
  });

  it('confirms the ticket until it is confirmed once the order is authorized', () => {
    authorized()
      .fail('TICKET_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expect(orderapi.ApproveOrder, { orderId, ticketId })
      .succeed()
      .expectCompleted();
  });

  it('approves the order until it is approved once the order is authorized', () => {
    ticketConfirmed()
      .fail('ORDER_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expectCompleted();
  });

  it('cancels the ticket until it is cancelled on its way back', () => {
    ticketCreated()
      .fail(accountingapi.AccountDisabled, {})
      .expect(kitchenapi.CancelCreateTicket, { ticketId })
      .fail('TICKET_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('keeps what happened, in order', () => {
    const story = placed()
      .fail(consumerapi.ConsumerNotFound, {})
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
    expect(story.history.map(({ kind, step, message, state }) => [kind, step, message, state])).toEqual([
      ['started', '', undefined, 'RUNNING'],
      ['command', 'validate the consumer', 'consumerapi.ValidateOrderByConsumer', 'RUNNING'],
      ['reply', 'validate the consumer', 'consumerapi.ConsumerNotFound', 'RUNNING'],
      ['compensating', 'validate the consumer', undefined, 'COMPENSATING'],
      ['command', 'place the order', 'orderapi.RejectOrder', 'COMPENSATING'],
      ['reply', 'place the order', 'msg.Success', 'COMPENSATING'],
      ['compensated', '', undefined, 'COMPENSATED'],
    ]);
  });
});
