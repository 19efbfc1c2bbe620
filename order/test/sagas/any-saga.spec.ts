import { accountingapi, kitchenapi, orderapi } from '@ftgo/serviceapis';
import { MAX_REFUSALS, newId, replyChannel, type SagaDefinition } from '@ftgo/shared-ts';
import { SagaDriver } from '@ftgo/shared-ts/testing';
import { cancelOrderSaga } from '../../src/sagas/cancel-order-saga';
import { createOrderSaga } from '../../src/sagas/create-order-saga';
import { reviseOrderSaga } from '../../src/sagas/revise-order-saga';
import { ids } from '../sample-orders';

/** What any of the sagas rests on, told with the CancelOrderSaga. */
const ticket = { ticketId: ids.ticket, restaurantId: ids.restaurant };
const payment = { orderId: ids.order, consumerId: ids.consumer, orderTotal: 2867 };

const orderHeld = () =>
  new SagaDriver(cancelOrderSaga, { ...payment, ...ticket }).expect(kitchenapi.BeginCancelTicket, ticket);
const ticketHeld = () => orderHeld().succeed().expect(accountingapi.ReverseAuthorizeOrder, payment);
const reversed = () => ticketHeld().succeed().expect(kitchenapi.ConfirmCancelTicket, ticket);
const goingBack = () =>
  ticketHeld().fail(accountingapi.AccountDisabled, {}).expect(kitchenapi.UndoCancelTicket, ticket);

const idOfLast = ({ sent }: ReturnType<typeof orderHeld>): string => sent.at(-1)?.id ?? '';

describe('a reply', () => {
  it('to the step before, late or doubled, is ignored', () => {
    const story = orderHeld();
    const earlier = idOfLast(story);
    story
      .succeed()
      .expect(accountingapi.ReverseAuthorizeOrder, payment)
      .expectIgnored(earlier)
      .succeed()
      .expect(kitchenapi.ConfirmCancelTicket, ticket);
  });

  it('to a command that this saga did not send is ignored', () => {
    orderHeld().expectIgnored(newId()).succeed().expect(accountingapi.ReverseAuthorizeOrder, payment);
  });

  it('that refused, when it comes twice, turns the saga round once', () => {
    const story = ticketHeld();
    const refused = idOfLast(story);
    story
      .fail(accountingapi.AccountDisabled, {})
      .expect(kitchenapi.UndoCancelTicket, ticket)
      .expectIgnored(refused);
  });

  it('to a command that was refused past the pivot is ignored while the saga waits to try again', () => {
    const story = reversed();
    story.fail('TICKET_STATE').expectWaiting().expectIgnored(idOfLast(story));
  });

  it('to an older try is ignored once the command is tried anew', () => {
    const story = reversed();
    const older = idOfLast(story);
    story
      .fail('TICKET_STATE')
      .expectWaiting()
      .letDeadlinePass()
      .expectCommandTriedAnew()
      .expectIgnored(older);
  });

  it('to a saga that has ended is ignored', () => {
    const story = orderHeld().fail('TICKET_STATE').expect(orderapi.UndoCancelOrder, { orderId: ids.order });
    story.succeed().expectRolledBack().expectIgnored(idOfLast(story));
  });
});

describe('a reply that does not come', () => {
  it.each([
    ['before the pivot', ticketHeld],
    ['past the pivot', reversed],
    ['on the way back', goingBack],
  ])('makes the same command go out again %s, as often as it takes', (_where, story) => {
    const saga = story();
    for (let silence = 0; silence < 2 * MAX_REFUSALS; silence++)
      saga.letDeadlinePass().expectSameCommandAgain();
    expect(saga.instance.state).not.toBe('STUCK');
  });

  it('and comes in the end moves the saga on, however often the command was sent', () => {
    ticketHeld()
      .letDeadlinePass()
      .expectSameCommandAgain()
      .succeed()
      .expect(kitchenapi.ConfirmCancelTicket, ticket);
  });

  it('does not count as a refusal', () => {
    const saga = reversed();
    for (let silence = 0; silence < MAX_REFUSALS; silence++) saga.letDeadlinePass().expectSameCommandAgain();
    saga.fail('TICKET_STATE').expectWaiting();
    expect(saga.patience).toBe(1_000);
  });
});

describe.each([
  ['past the pivot', reversed],
  ['on the way back', goingBack],
])('a step that is refused %s', (where, story) => {
  it('is tried again after a second, then after twice as long each time, a minute at most', () => {
    const saga = story();
    const waits: number[] = [];
    for (let refusals = 1; refusals < MAX_REFUSALS; refusals++) {
      saga.fail('TICKET_STATE').expectWaiting();
      waits.push(saga.patience);
      saga.letDeadlinePass().expectCommandTriedAnew();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it(`needs a person after ${MAX_REFUSALS} refusals`, () => {
    const saga = story();
    for (let refusals = 1; refusals < MAX_REFUSALS; refusals++)
      saga.fail('TICKET_STATE').expectWaiting().letDeadlinePass().expectCommandTriedAnew();
    saga.fail('TICKET_STATE').expectStuck();
    expect(saga.history.at(-1)).toMatchObject({ kind: 'stuck', state: 'STUCK' });
    expect(saga.instance.failure).toBe(
      where === 'past the pivot' ? 'TICKET_STATE' : 'accountingapi.AccountDisabled',
    );
  });

  it('has all its tries before it when an earlier step needed many', () => {
    const saga = story();
    for (let refusals = 1; refusals < MAX_REFUSALS; refusals++)
      saga.fail('TICKET_STATE').expectWaiting().letDeadlinePass().expectCommandTriedAnew();
    saga.succeed();
    expect(saga.instance.attempts).toBe(0);
  });
});

describe("the sagas' commands", () => {
  /** As the contract lists them: the receiving service's channel for each prefix of a name. */
  const contract: Readonly<Record<string, string>> = {
    accountingapi: 'accountingservice',
    consumerapi: 'consumerservice',
    kitchenapi: 'kitchenservice',
    orderapi: 'orderservice',
  };
  const data = {
    ...payment,
    ...ticket,
    ticketDetails: [],
    revisedQuantities: { vindaloo: 1 },
    revisedOrderTotal: 1633,
  };

  const commandsOf = <Data>({ steps }: SagaDefinition<Data>, about: Data) =>
    steps.flatMap((step) => step.action?.(about) ?? []).map(({ name, channel }) => ({ name, channel }));

  it.each([
    [
      createOrderSaga.name,
      commandsOf(createOrderSaga, data),
      ['ValidateOrderByConsumer', 'CreateTicket', 'AuthorizeOrder', 'ConfirmCreateTicket', 'ApproveOrder'],
    ],
    [
      cancelOrderSaga.name,
      commandsOf(cancelOrderSaga, data),
      ['BeginCancelTicket', 'ReverseAuthorizeOrder', 'ConfirmCancelTicket', 'ConfirmCancelOrder'],
    ],
    [
      reviseOrderSaga.name,
      commandsOf(reviseOrderSaga, data),
      ['BeginReviseTicket', 'ReviseAuthorizeOrder', 'ConfirmReviseTicket', 'ConfirmReviseOrder'],
    ],
  ])('of the %s go to the channels that the contract names', (_name, commands, names) => {
    expect(commands.map(({ name }) => name.split('.')[1])).toEqual(names);
    for (const { name, channel } of commands) expect(channel).toBe(contract[name.split('.')[0] ?? '']);
  });

  it('await their replies on the channels that the contract names', () => {
    const sagas = [createOrderSaga, cancelOrderSaga, reviseOrderSaga];
    expect(sagas.map(({ name }) => replyChannel(name))).toEqual([
      'orderservice.CreateOrderSaga.reply',
      'orderservice.CancelOrderSaga.reply',
      'orderservice.ReviseOrderSaga.reply',
    ]);
  });

  it.each(
    [createOrderSaga, cancelOrderSaga, reviseOrderSaga].map(({ name, steps }) => [name, steps] as const),
  )('of the %s include one point of no return: the payment', (_name, steps) => {
    expect(steps.filter(({ pivot }) => pivot).map(({ name }) => name)).toEqual([
      expect.stringMatching(/authoriz/),
    ]);
  });
});
