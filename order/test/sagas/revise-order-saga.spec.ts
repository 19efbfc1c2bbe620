import { accountingapi, kitchenapi, orderapi } from '@ftgo/serviceapis';
import { SagaDriver } from '@ftgo/shared-ts/testing';
import { reviseOrderSaga, type ReviseOrderSagaData } from '../../src/sagas/revise-order-saga';
import { ids } from '../sample-orders';

const orderId = ids.order;
const ticket = { ticketId: ids.ticket, restaurantId: ids.restaurant };
const revisedQuantities = { vindaloo: 1 };
const revisedPayment = { orderId, consumerId: ids.consumer, orderTotal: 1633 };

type Story = SagaDriver<ReviseOrderSagaData>;

const orderHeld = (): Story =>
  new SagaDriver(reviseOrderSaga, {
    orderId,
    consumerId: ids.consumer,
    ...ticket,
    revisedQuantities,
    revisedOrderTotal: 1633,
  }).expect(kitchenapi.BeginReviseTicket, { ...ticket, revisedQuantities });
const ticketHeld = (): Story =>
  orderHeld().succeed().expect(accountingapi.ReviseAuthorizeOrder, revisedPayment);
const authorized = (): Story =>
  ticketHeld()
    .succeed()
    .expect(kitchenapi.ConfirmReviseTicket, { ...ticket, revisedQuantities });
const ticketRevised = (): Story =>
  authorized().succeed().expect(orderapi.ConfirmReviseOrder, { orderId, revisedQuantities });

describe('the ReviseOrderSaga', () => {
  it('revises ticket and order when everybody agrees', () => {
    ticketRevised().succeed().expectCompleted();
  });

  it('lets the order go when the kitchen refuses, and leaves the ticket alone', () => {
    orderHeld()
      .fail('TICKET_STATE')
      .expect(orderapi.UndoReviseOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('lets the ticket and then the order go when the account is disabled', () => {
    ticketHeld()
      .fail(accountingapi.AccountDisabled, {})
      .expect(kitchenapi.UndoReviseTicket, ticket)
      .succeed()
      .expect(orderapi.UndoReviseOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('revises the ticket until it is revised once the new total is authorized', () => {
    authorized()
      .fail('TICKET_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expect(orderapi.ConfirmReviseOrder, { orderId, revisedQuantities })
      .succeed()
      .expectCompleted();
  });

  it('revises the order until it is revised once the new total is authorized', () => {
    ticketRevised()
      .fail('ORDER_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expectCompleted();
  });

  it('lets the ticket go until it is free on its way back', () => {
    ticketHeld()
      .fail(accountingapi.AccountDisabled, {})
      .expect(kitchenapi.UndoReviseTicket, ticket)
      .fail('TICKET_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expect(orderapi.UndoReviseOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });
});
