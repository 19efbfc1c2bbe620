import { join } from 'node:path';
import { accountingapi, consumerapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import { defineFeature, loadFeature, type DefineStepFunction } from 'jest-cucumber';
import request from 'supertest';
import { startAccounting, type Accounting } from '../accounting';

const cents = (amount: string): number => Math.round(Number(amount) * 100);

defineFeature(loadFeature(join(__dirname, '../../features/accounts.feature')), (test) => {
  let accounting: Accounting;
  let consumerId: string;
  let orderId: string;
  let orderTotal: number;

  beforeEach(async () => {
    accounting = await startAccounting();
    consumerId = newId();
    orderId = newId();
  });
  afterEach(() => accounting.messages.stop());

  const register = async (name: string): Promise<void> => {
    await accounting.messages.event(consumerapi.ConsumerRegistered, { id: consumerId, version: 1 }, { name });
  };
  const command = async (
    type:
      | typeof accountingapi.AuthorizeOrder
      | typeof accountingapi.ReviseAuthorizeOrder
      | typeof accountingapi.ReverseAuthorizeOrder,
    total: number,
  ): Promise<void> => {
    orderTotal = total;
    await accounting.messages.command(type, { consumerId, orderId, orderTotal });
  };
  const account = () => request(accounting.app).get(`/api/accounts/${consumerId}`);
  const lastReply = () => accounting.replies().at(-1);

  const anAccountOf = (step: DefineStepFunction): void => step(/^an account of (\w+)$/, register);
  const anEnabledAccount = (step: DefineStepFunction): void =>
    step(/^there is an enabled account of (\w+)$/, async (name: string) => {
      expect((await account().expect(200)).body).toEqual({ id: consumerId, name, enabled: true });
    });
  const theAccountIs = (step: DefineStepFunction): void =>
    step(/^the account is (disable|enable)d$/, async (action: string) => {
      await request(accounting.app).put(`/api/accounts/${consumerId}/${action}`).expect(200);
    });
  const toBeAuthorized = (step: DefineStepFunction): void =>
    step(/^an order of ([\d.]+) is to be authorized$/, (total: string) =>
      command(accountingapi.AuthorizeOrder, cents(total)),
    );
  const anAuthorizedOrder = (step: DefineStepFunction): void =>
    step(/^an authorized order of ([\d.]+)$/, (total: string) =>
      command(accountingapi.AuthorizeOrder, cents(total)),
    );
  const isReversed = (step: DefineStepFunction): void =>
    step('its authorization is reversed', () => command(accountingapi.ReverseAuthorizeOrder, orderTotal));
  const isAuthorized = (step: DefineStepFunction): void =>
    step('the order is authorized', async () => {
      expect(lastReply()).toMatchObject({ name: 'msg.Success', outcome: 'SUCCESS' });
      expect(await accounting.authorized(orderId)).toBe(orderTotal);
    });
  const isRefused = (step: DefineStepFunction): void =>
    step('the order is refused, because the account is disabled', () => {
      expect(lastReply()).toMatchObject({ name: 'accountingapi.AccountDisabled', outcome: 'FAILURE' });
    });
  const areAuthorized = (step: DefineStepFunction): void =>
    step(/^([\d.]+) are authorized for the order$/, async (total: string) => {
      expect(await accounting.authorized(orderId)).toBe(cents(total));
    });

  test('A new consumer gets an account', ({ when, then }) => {
    when(/^(\w+) registers$/, register);
    anEnabledAccount(then);
  });

  test('The news of a consumer arrive the wrong way round', ({ given, and, when, then }) => {
    given(
      /^\w+ has taken the name (\w+) before accounting heard of her registration$/,
      async (name: string) => {
        await accounting.messages.event(
          consumerapi.ConsumerRenamed,
          { id: consumerId, version: 2 },
          { name },
        );
      },
    );
    and('there is no account yet', async () => {
      await account().expect(404);
    });
    when(/^the registration of (\w+) arrives$/, register);
    anEnabledAccount(then);
  });

  test('An order is authorized', ({ given, when, then }) => {
    anAccountOf(given);
    toBeAuthorized(when);
    isAuthorized(then);
  });

  test('Nothing is authorized on a disabled account', ({ given, and, when, then }) => {
    anAccountOf(given);
    theAccountIs(and);
    toBeAuthorized(when);
    isRefused(then);
  });

  test('An account is enabled again', ({ given, and, when, then }) => {
    anAccountOf(given);
    theAccountIs(and);
    theAccountIs(and);
    toBeAuthorized(when);
    isAuthorized(then);
  });

  test('A revised order is authorized for its new total', ({ given, and, when, then }) => {
    anAccountOf(given);
    anAuthorizedOrder(and);
    when(/^its authorization is revised to ([\d.]+)$/, (total: string) =>
      command(accountingapi.ReviseAuthorizeOrder, cents(total)),
    );
    areAuthorized(then);
  });

  test('A cancelled order is paid back', ({ given, and, when, then }) => {
    anAccountOf(given);
    anAuthorizedOrder(and);
    isReversed(when);
    then('nothing is authorized for the order', async () => {
      expect(await accounting.authorized(orderId)).toBe(0);
    });
  });

  test('A cancelled order stays authorized while the account is disabled', ({ given, and, when, then }) => {
    anAccountOf(given);
    anAuthorizedOrder(and);
    theAccountIs(and);
    isReversed(when);
    isRefused(then);
    areAuthorized(and);
  });
});
