import { accountingapi, consumerapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { startAccounting, type Accounting } from '../accounting';

const ORDER_TOTAL = 1200;

describe('The accounting service over messages', () => {
  let accounting: Accounting;
  let consumerId: string;
  let orderId: string;

  beforeEach(async () => {
    accounting = await startAccounting();
    consumerId = newId();
    orderId = newId();
  });
  afterEach(() => accounting.messages.stop());

  const registered = (name = 'Ann', version = 1, id = newId()) =>
    accounting.messages.event(consumerapi.ConsumerRegistered, { id: consumerId, version }, { name }, { id });
  const renamed = (name: string, version: number) =>
    accounting.messages.event(consumerapi.ConsumerRenamed, { id: consumerId, version }, { name });
  const order = (orderTotal = ORDER_TOTAL) => ({ consumerId, orderId, orderTotal });
  const look = async () => (await request(accounting.app).get(`/api/accounts/${consumerId}`)).body as unknown;
  const disable = () => request(accounting.app).put(`/api/accounts/${consumerId}/disable`).expect(200);
  const eventTypes = () =>
    accounting
      .streams()
      .flat()
      .map(({ type }) => type);

  describe('events', () => {
    it('ConsumerRegistered opens an enabled account with the consumer’s id', async () => {
      await expect(registered()).resolves.toBe('acknowledged');
      expect(await look()).toEqual({ id: consumerId, name: 'Ann', enabled: true });
    });

    it('ConsumerRenamed gives the account the new name', async () => {
      await registered();
      await renamed('Bea', 2);
      expect(await look()).toEqual({ id: consumerId, name: 'Bea', enabled: true });
    });

    it('the newest name stays, in whatever order they come', async () => {
      await renamed('Cleo', 3);
      await registered();
      await renamed('Bea', 2);
      expect(await look()).toEqual({ id: consumerId, name: 'Cleo', enabled: true });
    });

    it('what arrives at once is kept as if it had come one by one', async () => {
      await Promise.all([renamed('Cleo', 3), renamed('Bea', 2), registered()]);
      expect(await look()).toEqual({ id: consumerId, name: 'Cleo', enabled: true });
    });

    it('a registration that comes again does not enable a disabled account', async () => {
      await registered();
      await disable();
      await registered();
      expect(await look()).toEqual({ id: consumerId, name: 'Ann', enabled: false });
    });

    it('the same message twice counts once', async () => {
      const id = newId();
      await registered('Ann', 1, id);
      await registered('Somebody else', 9, id);
      expect(await look()).toMatchObject({ name: 'Ann' });
    });

    it('none is published: accounting has no domain events', async () => {
      await registered();
      await renamed('Bea', 2);
      await disable();
      expect(accounting.outbox()).toEqual([]);
    });

    it('an event that does not say whose it is becomes a dead letter', async () => {
      const nobody = accounting.messages.event(
        consumerapi.ConsumerRegistered,
        { id: consumerId, version: 0 },
        { name: 'Ann' },
      );
      await expect(nobody).resolves.toBe('set aside');
    });
  });

  describe('AuthorizeOrder', () => {
    it('is answered with success, in the saga’s name', async () => {
      await registered();
      const commandId = newId();
      const sagaId = newId();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order(), { id: commandId, sagaId });
      expect(accounting.replies()).toEqual([
        { name: 'msg.Success', outcome: 'SUCCESS', inReplyTo: commandId, payload: {} },
      ]);
      expect(accounting.outbox()[0]).toMatchObject({
        channel: 'test.Saga.reply',
        partitionKey: sagaId,
        headers: { 'ce-sagaid': sagaId, 'ce-saganame': 'test.Saga', 'ce-source': '/ftgo/accounting-service' },
      });
    });

    it('is answered with AccountDisabled while the account is disabled', async () => {
      await registered();
      await disable();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order());
      expect(accounting.replies()).toMatchObject([
        { name: 'accountingapi.AccountDisabled', outcome: 'FAILURE', payload: {} },
      ]);
      expect(eventTypes()).not.toContain('accounting.OrderAuthorized');
    });

    it('under the same id is carried out once, and gets the same answer again', async () => {
      await registered();
      const id = newId();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order(), { id });
      await disable();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order(), { id, deliveryCount: 2 });
      const [first, second] = accounting.replies();
      expect(first).toMatchObject({ inReplyTo: id, outcome: 'SUCCESS' });
      expect(second).toEqual(first);
      expect(eventTypes().filter((type) => type === 'accounting.OrderAuthorized')).toHaveLength(1);
    });

    it('under another id is answered again, and carried out once', async () => {
      await registered();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order());
      await accounting.messages.command(accountingapi.AuthorizeOrder, order());
      expect(accounting.replies().map(({ outcome }) => outcome)).toEqual(['SUCCESS', 'SUCCESS']);
      expect(eventTypes().filter((type) => type === 'accounting.OrderAuthorized')).toHaveLength(1);
    });

    it('waits for the consumer’s registration', async () => {
      const id = newId();
      const early = accounting.messages.command(accountingapi.AuthorizeOrder, order(), { id });
      await expect(early).resolves.toBe('sent back');
      await registered();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order(), { id, deliveryCount: 2 });
      expect(accounting.replies()).toMatchObject([{ outcome: 'SUCCESS', inReplyTo: id }]);
    });

    it('waits while only the consumer’s renaming has arrived', async () => {
      await renamed('Bea', 2);
      const early = accounting.messages.command(accountingapi.AuthorizeOrder, order());
      await expect(early).resolves.toBe('sent back');
      expect(accounting.replies()).toEqual([]);
    });

    it('is answered with failure when the registration never comes', async () => {
      const late = accounting.messages.command(accountingapi.AuthorizeOrder, order(), { deliveryCount: 5 });
      await expect(late).resolves.toBe('acknowledged');
      expect(accounting.replies()).toMatchObject([
        { name: 'msg.Failure', outcome: 'FAILURE', payload: { reason: 'ACCOUNT_NOT_FOUND' } },
      ]);
    });

    it('that arrives together with the registration succeeds in the end', async () => {
      const id = newId();
      const [settled] = await Promise.all([
        accounting.messages.command(accountingapi.AuthorizeOrder, order(), { id }),
        registered(),
      ]);
      if (settled === 'sent back')
        await accounting.messages.command(accountingapi.AuthorizeOrder, order(), { id, deliveryCount: 2 });
      expect(accounting.replies()).toMatchObject([{ outcome: 'SUCCESS' }]);
    });

    it('for many orders of one consumer at once authorizes each', async () => {
      await registered();
      const orders = Array.from({ length: 20 }, () => ({ ...order(), orderId: newId() }));
      await Promise.all(
        orders.map((each) => accounting.messages.command(accountingapi.AuthorizeOrder, each)),
      );
      expect(accounting.replies().filter(({ outcome }) => outcome === 'SUCCESS')).toHaveLength(20);
      expect(eventTypes().filter((type) => type === 'accounting.OrderAuthorized')).toHaveLength(20);
    });

    it('without a total becomes a dead letter', async () => {
      const broken = { consumerId, orderId } as accountingapi.AuthorizeOrder;
      await expect(accounting.messages.command(accountingapi.AuthorizeOrder, broken)).resolves.toBe(
        'set aside',
      );
    });
  });

  describe('ReviseAuthorizeOrder', () => {
    const revise = (orderTotal: number, sagaId = newId()) =>
      accounting.messages.command(accountingapi.ReviseAuthorizeOrder, order(orderTotal), { sagaId });

    beforeEach(async () => {
      await registered();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order());
    });

    it('reserves the revised total', async () => {
      await revise(900);
      expect(accounting.replies().at(-1)).toMatchObject({ name: 'msg.Success', outcome: 'SUCCESS' });
      expect(accounting.streams().flat().at(-1)).toMatchObject({
        type: 'accounting.AuthorizationRevised',
        data: { total: 900 },
      });
    });

    it('is answered with AccountDisabled while the account is disabled', async () => {
      await disable();
      await revise(900);
      expect(accounting.replies().at(-1)).toMatchObject({
        name: 'accountingapi.AccountDisabled',
        outcome: 'FAILURE',
      });
    });

    it('asked for again by its saga succeeds, though the account is disabled since', async () => {
      const sagaId = newId();
      await revise(900, sagaId);
      await disable();
      await revise(900, sagaId);
      expect(accounting.replies().at(-1)).toMatchObject({ outcome: 'SUCCESS' });
      expect(eventTypes().filter((type) => type === 'accounting.AuthorizationRevised')).toHaveLength(1);
    });

    it('fails for an order that was never authorized', async () => {
      orderId = newId();
      await revise(900);
      expect(accounting.replies().at(-1)).toMatchObject({
        name: 'msg.Failure',
        outcome: 'FAILURE',
        payload: { reason: 'AUTHORIZATION_NOT_FOUND' },
      });
    });

    it('fails for an order whose authorization was reversed', async () => {
      await accounting.messages.command(accountingapi.ReverseAuthorizeOrder, order());
      await revise(900);
      expect(accounting.replies().at(-1)).toMatchObject({
        outcome: 'FAILURE',
        payload: { reason: 'AUTHORIZATION_STATE' },
      });
    });
  });

  describe('ReverseAuthorizeOrder', () => {
    const reverse = () => accounting.messages.command(accountingapi.ReverseAuthorizeOrder, order());

    beforeEach(async () => {
      await registered();
      await accounting.messages.command(accountingapi.AuthorizeOrder, order());
    });

    it('gives the reserved total back', async () => {
      await reverse();
      expect(accounting.replies().at(-1)).toMatchObject({ name: 'msg.Success', outcome: 'SUCCESS' });
      expect(eventTypes()).toContain('accounting.AuthorizationReversed');
    });

    it('is answered with AccountDisabled while the account is disabled', async () => {
      await disable();
      await reverse();
      expect(accounting.replies().at(-1)).toMatchObject({
        name: 'accountingapi.AccountDisabled',
        outcome: 'FAILURE',
      });
    });

    it('asked for again succeeds, and is carried out once', async () => {
      await reverse();
      await disable();
      await reverse();
      expect(accounting.replies().at(-1)).toMatchObject({ outcome: 'SUCCESS' });
      expect(eventTypes().filter((type) => type === 'accounting.AuthorizationReversed')).toHaveLength(1);
    });

    it('fails for an order that was never authorized', async () => {
      orderId = newId();
      await reverse();
      expect(accounting.replies().at(-1)).toMatchObject({
        outcome: 'FAILURE',
        payload: { reason: 'AUTHORIZATION_NOT_FOUND' },
      });
    });

    describe('in doubt', () => {
      const inDoubt = { attributes: { indoubt: 'true' } };
      const takeBack = () =>
        accounting.messages.command(accountingapi.ReverseAuthorizeOrder, order(), inDoubt);

      it('gives the total back, though the account is disabled since', async () => {
        await disable();
        await takeBack();
        expect(accounting.replies().at(-1)).toMatchObject({ outcome: 'SUCCESS' });
        expect(await accounting.authorized(orderId)).toBe(0);
      });

      it('has the authorization refused that comes after it', async () => {
        orderId = newId();
        await takeBack();
        expect(accounting.replies().at(-1)).toMatchObject({ outcome: 'SUCCESS' });
        await accounting.messages.command(accountingapi.AuthorizeOrder, order());
        expect(accounting.replies().at(-1)).toMatchObject({
          outcome: 'FAILURE',
          payload: { reason: 'AUTHORIZATION_STATE' },
        });
        expect(await accounting.authorized(orderId)).toBe(0);
      });

      it('needs no account: the consumer’s registration may be late, too', async () => {
        consumerId = newId();
        orderId = newId();
        await expect(takeBack()).resolves.toBe('acknowledged');
        expect(accounting.replies().at(-1)).toMatchObject({ outcome: 'SUCCESS' });
      });
    });
  });
});
