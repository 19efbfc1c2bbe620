import { accountingapi, consumerapi, kitchenapi, orderapi } from '@ftgo/serviceapis';
import { STEP_TIMEOUT, TIMED_OUT } from '@ftgo/shared-ts';
import { SagaDriver } from '@ftgo/shared-ts/testing';
import { cancelOrderSaga } from '../../src/sagas/cancel-order-saga';
import { createOrderSaga } from '../../src/sagas/create-order-saga';
import { reviseOrderSaga } from '../../src/sagas/revise-order-saga';
import { ids } from '../sample-orders';

/** What becomes of the sagas when a participant says nothing, neither yes nor no, for longer than a step may wait. */
const orderId = ids.order;
const ticketId = ids.ticket;
const payment = { orderId, consumerId: ids.consumer, orderTotal: 2867 };
const ticket = { ticketId, restaurantId: ids.restaurant };
const ticketDetails = [{ menuItemId: 'vindaloo', name: 'Chicken Vindaloo', quantity: 2 }];
const revisedQuantities = { vindaloo: 1 };
const HOUR = 3_600_000;

const placed = () =>
  new SagaDriver(createOrderSaga, { ...payment, restaurantId: ids.restaurant, ticketDetails }).expect(
    consumerapi.ValidateOrderByConsumer,
    payment,
  );
const validated = () =>
  placed()
    .succeed()
    .expect(kitchenapi.CreateTicket, { orderId, restaurantId: ids.restaurant, ticketDetails });
const ticketCreated = () =>
  validated()
    .succeed(kitchenapi.CreateTicketReply, { ticketId })
    .expect(accountingapi.AuthorizeOrder, payment);
const authorized = () => ticketCreated().succeed().expect(kitchenapi.ConfirmCreateTicket, { ticketId });

const cancelling = () =>
  new SagaDriver(cancelOrderSaga, { ...payment, ...ticket }).expect(kitchenapi.BeginCancelTicket, ticket);
const revising = () =>
  new SagaDriver(reviseOrderSaga, {
    orderId,
    consumerId: ids.consumer,
    ...ticket,
    revisedQuantities,
    revisedOrderTotal: 1633,
  }).expect(kitchenapi.BeginReviseTicket, { ...ticket, revisedQuantities });

describe('a participant that is down for an hour', () => {
  it('delays the saga and does not turn it round', () => {
    const story = ticketCreated();
    story.letTimePass(HOUR);
    expect(story.instance).toMatchObject({ state: 'RUNNING', step: 3 });
    story.expectSameCommandAgain().succeed().expect(kitchenapi.ConfirmCreateTicket, { ticketId });
  });

  it('is asked again after growing pauses, ten minutes and some jitter at most', () => {
    const story = ticketCreated();
    const pauses: number[] = [];
    for (let silence = 0; silence < 5; silence++) {
      pauses.push(story.patience / 1_000);
      story.letDeadlinePass().expectSameCommandAgain();
    }
    [150, 300, 600, 600, 600].forEach((pause, index) => {
      expect(pauses[index]).toBeGreaterThanOrEqual(pause);
      expect(pauses[index]).toBeLessThanOrEqual(pause * 1.25);
    });
  });

  it('is not asked by all sagas at the same moment', () => {
    const pauses = Array.from({ length: 20 }, () => placed().patience);
    expect(new Set(pauses).size).toBeGreaterThan(10);
  });
});

describe('the CreateOrderSaga that gets no answer in all the time that a step has', () => {
  it('from the consumer service rejects the order: nothing was done that must be undone', () => {
    placed()
      .letTimePass(STEP_TIMEOUT + HOUR)
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('from the kitchen discards the ticket that may be there, under the id that it would have', () => {
    const story = validated();
    const wouldBe = story.instance.pendingCommandId ?? '';
    story
      .letTimePass(STEP_TIMEOUT + 1_000)
      .expectInDoubt(kitchenapi.CancelCreateTicket, { ticketId: wouldBe })
      .succeed()
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('from accounting takes the authorization back, and then discards the ticket', () => {
    ticketCreated()
      .letTimePass(STEP_TIMEOUT + 1_000)
      .expectInDoubt(accountingapi.ReverseAuthorizeOrder, payment)
      .succeed()
      .expect(kitchenapi.CancelCreateTicket, { ticketId })
      .succeed()
      .expect(orderapi.RejectOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('takes no notice of the answer that comes after all: it is being undone', () => {
    const story = ticketCreated();
    const late = story.instance.pendingCommandId ?? '';
    story
      .letTimePass(STEP_TIMEOUT + 1_000)
      .expectInDoubt(accountingapi.ReverseAuthorizeOrder, payment)
      .expectIgnored(late)
      .succeed()
      .expect(kitchenapi.CancelCreateTicket, { ticketId });
  });

  it('says so in the order and in its history', () => {
    const story = placed();
    story.letTimePass(STEP_TIMEOUT + 1_000).expect(orderapi.RejectOrder, { orderId });
    expect(story.sent.at(-1)?.attributes['failure']).toBe(TIMED_OUT);
    const kinds = story.history.map(({ kind }) => kind);
    expect(kinds.slice(-4)).toEqual(['resent', 'timeout', 'compensating', 'command']);
  });

  it('past the pivot asks for ever', () => {
    const story = authorized();
    story.letTimePass(30 * STEP_TIMEOUT).expectSameCommandAgain();
    expect(story.instance.state).toBe('RUNNING');
    story.succeed().expect(orderapi.ApproveOrder, { orderId, ticketId });
  });

  it('on its way back asks for ever, and what was in doubt stays so', () => {
    const story = ticketCreated();
    story
      .letTimePass(STEP_TIMEOUT + 1_000)
      .expectInDoubt(accountingapi.ReverseAuthorizeOrder, payment)
      .letTimePass(30 * STEP_TIMEOUT)
      .expectSameCommandAgain();
    story
      .fail('AUTHORIZATION_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectInDoubt(accountingapi.ReverseAuthorizeOrder, payment)
      .succeed()
      .expect(kitchenapi.CancelCreateTicket, { ticketId });
    expect(story.sent.at(-1)?.attributes['indoubt']).toBeUndefined();
  });
});

const pivotOfCancel = () => cancelling().succeed().expect(accountingapi.ReverseAuthorizeOrder, payment);
const pivotOfRevise = () =>
  revising()
    .succeed()
    .expect(accountingapi.ReviseAuthorizeOrder, { ...payment, orderTotal: 1633 });

describe('the CancelOrderSaga that gets no answer in all the time that a step has', () => {
  it('from the kitchen frees the ticket that may be held, and then the order', () => {
    cancelling()
      .letTimePass(STEP_TIMEOUT + 1_000)
      .expectInDoubt(kitchenapi.UndoCancelTicket, ticket)
      .succeed()
      .expect(orderapi.UndoCancelOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('from accounting asks for ever: what may have been given back can not be taken again', () => {
    const story = pivotOfCancel().letTimePass(30 * STEP_TIMEOUT);
    expect(story.instance.state).toBe('RUNNING');
    story.expectSameCommandAgain().succeed().expect(kitchenapi.ConfirmCancelTicket, ticket);
  });
});

describe('the ReviseOrderSaga that gets no answer in all the time that a step has', () => {
  it('from the kitchen frees the ticket that may be held, and then the order', () => {
    revising()
      .letTimePass(STEP_TIMEOUT + 1_000)
      .expectInDoubt(kitchenapi.UndoReviseTicket, ticket)
      .succeed()
      .expect(orderapi.UndoReviseOrder, { orderId })
      .succeed()
      .expectRolledBack();
  });

  it('from accounting asks for ever: the old total may not be had any more', () => {
    const story = pivotOfRevise().letTimePass(30 * STEP_TIMEOUT);
    expect(story.instance.state).toBe('RUNNING');
    story
      .expectSameCommandAgain()
      .succeed()
      .expect(kitchenapi.ConfirmReviseTicket, { ...ticket, revisedQuantities });
  });
});
