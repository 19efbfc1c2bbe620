import { accountingapi, consumerapi, kitchenapi, orderapi } from '@ftgo/serviceapis';
import { FORCED, MAX_REFUSALS } from '@ftgo/shared-ts';
import { SagaDriver } from '@ftgo/shared-ts/testing';
import { cancelOrderSaga, type CancelOrderSagaData } from '../../src/sagas/cancel-order-saga';
import { createOrderSaga } from '../../src/sagas/create-order-saga';
import { ids } from '../sample-orders';

/** What an operator can do for a saga: send its command now, or turn it round. */
const orderId = ids.order;
const ticket = { ticketId: ids.ticket, restaurantId: ids.restaurant };
const payment = { orderId, consumerId: ids.consumer, orderTotal: 2867 };

const ticketDetails = [{ menuItemId: 'vindaloo', name: 'Chicken Vindaloo', quantity: 2 }];

const orderHeld = () =>
  new SagaDriver(cancelOrderSaga, { ...payment, ...ticket }).expect(kitchenapi.BeginCancelTicket, ticket);
const ticketHeld = () => orderHeld().succeed().expect(accountingapi.ReverseAuthorizeOrder, payment);
const reversed = () => ticketHeld().succeed().expect(kitchenapi.ConfirmCancelTicket, ticket);
const goingBack = () =>
  ticketHeld().fail(accountingapi.AccountDisabled, {}).expect(kitchenapi.UndoCancelTicket, ticket);

const placed = () =>
  new SagaDriver(createOrderSaga, { ...payment, restaurantId: ids.restaurant, ticketDetails }).expect(
    consumerapi.ValidateOrderByConsumer,
    payment,
  );
const ticketAsked = () =>
  placed()
    .succeed()
    .expect(kitchenapi.CreateTicket, { orderId, restaurantId: ids.restaurant, ticketDetails });

function stuck(story: SagaDriver<CancelOrderSagaData>): SagaDriver<CancelOrderSagaData> {
  for (let refusals = 1; refusals < MAX_REFUSALS; refusals++)
    story.fail('TICKET_STATE').expectWaiting().letDeadlinePass().expectCommandTriedAnew();
  return story.fail('TICKET_STATE').expectStuck();
}

const rejection = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('a retry by an operator', () => {
  it('sends the command whose reply is awaited again, under its id', () => {
    const story = ticketHeld().operatorRetries().expectSameCommandAgain();
    expect(story.history.slice(-2).map(({ kind }) => kind)).toEqual(['operator', 'resent']);
  });

  it('does not put off when that command goes out again by itself', () => {
    const story = ticketHeld();
    const { sends, deadline } = story.instance;
    expect(deadline).toBeDefined();
    story.operatorRetries().expectSameCommandAgain().operatorRetries().expectSameCommandAgain();
    expect(story.instance).toMatchObject({ sends, deadline });
  });

  it('sends a command that was refused anew, without waiting', () => {
    reversed().fail('TICKET_STATE').expectWaiting().operatorRetries().expectCommandTriedAnew();
  });

  it('takes a saga on that was stuck on its way forward', () => {
    const story = stuck(reversed());
    story.operatorRetries().expectCommandTriedAnew();
    expect(story.instance).toMatchObject({ state: 'RUNNING', attempts: 0 });
    expect(story.sent.at(-1)?.attributes['failure']).toBeUndefined();
    story.succeed().expect(orderapi.ConfirmCancelOrder, { orderId }).succeed().expectCompleted();
  });

  it('takes a saga on that was stuck on its way back, and the reason stays', () => {
    const story = stuck(goingBack());
    story.operatorRetries().expectCommandTriedAnew();
    expect(story.instance).toMatchObject({ state: 'COMPENSATING', failure: 'accountingapi.AccountDisabled' });
    story.succeed().expect(orderapi.UndoCancelOrder, { orderId }).succeed().expectRolledBack();
  });

  it('gives a saga all its tries again', () => {
    stuck(stuck(reversed()).operatorRetries().expectCommandTriedAnew());
  });

  it('of a saga that has ended is refused', () => {
    const completed = reversed().succeed().expect(orderapi.ConfirmCancelOrder, { orderId }).succeed();
    const undone = orderHeld().fail('NO').expect(orderapi.UndoCancelOrder, { orderId }).succeed();
    for (const story of [completed, undone])
      expect(() => story.operatorRetries()).toThrow(rejection('SAGA_STATE'));
  });
});

describe('a compensation that an operator forces', () => {
  it('undoes the step that is out, in doubt, and then those before it', () => {
    const story = ticketAsked();
    const wouldBe = story.instance.pendingCommandId ?? '';
    story.operatorCompensates().expectInDoubt(kitchenapi.CancelCreateTicket, { ticketId: wouldBe });
    expect(story.instance.failure).toBe(FORCED);
    story.expectIgnored(wouldBe).succeed().expect(orderapi.RejectOrder, { orderId });
    story.succeed().expectRolledBack();
  });

  it('undoes a point of no return that is out where that can be undone', () => {
    ticketAsked()
      .succeed(kitchenapi.CreateTicketReply, { ticketId: ids.ticket })
      .expect(accountingapi.AuthorizeOrder, payment)
      .operatorCompensates()
      .expectInDoubt(accountingapi.ReverseAuthorizeOrder, payment)
      .succeed()
      .expect(kitchenapi.CancelCreateTicket, { ticketId: ids.ticket });
  });

  it.each([
    ['that may be past its point of no return', ticketHeld, 'SAGA_PAST_PIVOT'],
    ['past its point of no return', reversed, 'SAGA_PAST_PIVOT'],
    ['that is stuck past its point of no return', () => stuck(reversed()), 'SAGA_PAST_PIVOT'],
    ['on its way back', goingBack, 'SAGA_STATE'],
    ['that is stuck on its way back', () => stuck(goingBack()), 'SAGA_STATE'],
    [
      'that has ended',
      () => orderHeld().fail('NO').expect(orderapi.UndoCancelOrder, { orderId }).succeed(),
      'SAGA_STATE',
    ],
  ])('is refused for a saga %s', (_where, story, code) => {
    const saga = story();
    const before = saga.instance;
    expect(() => saga.operatorCompensates()).toThrow(rejection(code));
    expect(saga.instance).toEqual(before);
  });
});
