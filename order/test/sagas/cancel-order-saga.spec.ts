import { accountingapi, kitchenapi, orderapi } from '@ftgo/serviceapis';
import { SagaDriver } from '@ftgo/shared-ts/testing';
import { cancelOrderSaga, type CancelOrderSagaData } from '../../src/sagas/cancel-order-saga';
import { ids } from '../sample-orders';

const orderId = ids.order;
const ticket = { ticketId: ids.ticket, restaurantId: ids.restaurant };
const payment = { orderId, consumerId: ids.consumer, orderTotal: 2867 };

type Story = SagaDriver<CancelOrderSagaData>;

const orderHeld = (): Story =>
  new SagaDriver(cancelOrderSaga, { ...payment, ...ticket }).expect(kitchenapi.BeginCancelTicket, ticket);
const ticketHeld = (): Story => orderHeld().succeed().expect(accountingapi.ReverseAuthorizeOrder, payment);
const reversed = (): Story => ticketHeld().succeed().expect(kitchenapi.ConfirmCancelTicket, ticket);
const ticketCancelled = (): Story => reversed().succeed().expect(orderapi.ConfirmCancelOrder, { orderId });

describe('the CancelOrderSaga', () => {
  it('cancels ticket and order when everybody agrees', () => {
    ticketCancelled().succeed().expectCompleted();
  });

  it('lets the order go when the kitchen refuses, and leaves the ticket alone', () => {
    orderHeld()
      .fail('TICKET_STATE')
      .expect(orderapi.UndoCancelOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('lets the ticket and then the order go when the account is disabled', () => {
    ticketHeld()
      .fail(accountingapi.AccountDisabled, {})
      .expect(kitchenapi.UndoCancelTicket, ticket)
      .succeed()
      .expect(orderapi.UndoCancelOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('cancels the ticket until it is cancelled once the money is given back', () => {
    reversed()
      .fail('TICKET_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expect(orderapi.ConfirmCancelOrder, { orderId })
      .succeed()
      .expectCompleted();
  });

  it('cancels the order until it is cancelled once the money is given back', () => {
    ticketCancelled()
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
      .expect(kitchenapi.UndoCancelTicket, ticket)
      .fail('TICKET_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .succeed()
      .expect(orderapi.UndoCancelOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });
});
