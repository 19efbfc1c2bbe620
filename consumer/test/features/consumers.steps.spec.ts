import { join } from 'node:path';
import { consumerapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import { defineFeature, loadFeature, type DefineStepFunction } from 'jest-cucumber';
import request from 'supertest';
import { startConsumers, type Consumers } from '../consumers';

defineFeature(loadFeature(join(__dirname, '../../features/consumers.feature')), (test) => {
  let consumers: Consumers;
  let consumerId: string;

  beforeEach(async () => {
    consumers = await startConsumers();
  });
  afterEach(() => consumers.messages.stop());

  const register = async (name: string, key: string = newId()): Promise<void> => {
    const answer = await request(consumers.app)
      .post('/api/consumers')
      .set('Idempotency-Key', key)
      .send({ name })
      .expect(201);
    consumerId = (answer.body as { id: string }).id;
  };
  const expectName = async (name: string): Promise<void> => {
    const answer = await request(consumers.app).get(`/api/consumers/${consumerId}`).expect(200);
    expect(answer.body).toEqual({ consumer_id: consumerId, name });
  };
  const news = () => consumers.published().map(({ name, id, payload }) => ({ name, id, payload }));
  const validateOrderOf = (id: string) =>
    consumers.messages.command(consumerapi.ValidateOrderByConsumer, {
      consumerId: id,
      orderId: newId(),
      orderTotal: 1200,
    });

  const hasRegistered = (given: DefineStepFunction): void =>
    given(/^(\w+) has registered$/, (name: string) => register(name));
  const takesTheName = (when: DefineStepFunction): void =>
    when(/^she takes the name (\w+)$/, async (name: string) => {
      await request(consumers.app).put(`/api/consumers/${consumerId}/rename`).send({ name }).expect(200);
    });
  const herNameIs = (then: DefineStepFunction): void => then(/^her name is (\w+)$/, expectName);

  test('A consumer registers', ({ when, then, and }) => {
    when(/^(\w+) registers$/, (name: string) => register(name));
    then(/^(\w+) is a consumer$/, expectName);
    and(/^the other services hear that (\w+) has registered$/, (name: string) => {
      expect(news()).toEqual([{ name: 'consumerapi.ConsumerRegistered', id: consumerId, payload: { name } }]);
    });
  });

  test('A consumer takes another name', ({ given, when, then, and }) => {
    hasRegistered(given);
    takesTheName(when);
    herNameIs(then);
    and(/^the other services hear that she is called (\w+) now$/, (name: string) => {
      expect(news().slice(1)).toEqual([
        { name: 'consumerapi.ConsumerRenamed', id: consumerId, payload: { name } },
      ]);
    });
  });

  test('A consumer takes the name that she has', ({ given, when, then, and }) => {
    hasRegistered(given);
    takesTheName(when);
    herNameIs(then);
    and('the other services hear nothing of it', () => {
      expect(news().slice(1)).toEqual([]);
    });
  });

  test('A click too many', ({ when, then }) => {
    when(/^(\w+)'s registration is sent twice$/, async (name: string) => {
      const key = newId();
      await register(name, key);
      await register(name, key);
    });
    then('one consumer is registered', () => {
      expect(news()).toHaveLength(1);
    });
  });

  test('A consumer orders', ({ given, when, then }) => {
    hasRegistered(given);
    when('an order of hers is to be validated', async () => {
      await validateOrderOf(consumerId);
    });
    then('the order is valid', () => {
      expect(consumers.replies()).toMatchObject([{ outcome: 'SUCCESS' }]);
    });
  });

  test('A stranger orders', ({ when, then }) => {
    when('an order of somebody who never registered is to be validated', async () => {
      await validateOrderOf(newId());
    });
    then('the order is refused, because there is no such consumer', () => {
      expect(consumers.replies()).toMatchObject([
        { name: 'consumerapi.ConsumerNotFound', outcome: 'FAILURE' },
      ]);
    });
  });
});
