import { consumerapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { startConsumers, type Consumers } from '../consumers';

describe('ValidateOrderByConsumer', () => {
  let consumers: Consumers;
  let consumerId: string;

  beforeEach(async () => {
    consumers = await startConsumers();
    const answer = await request(consumers.app).post('/api/consumers').send({ name: 'Ann' }).expect(201);
    consumerId = (answer.body as { id: string }).id;
  });
  afterEach(() => consumers.messages.stop());

  const order = (of = consumerId) => ({ consumerId: of, orderId: newId(), orderTotal: 1200 });

  it('is answered with success for a consumer, in the saga’s name', async () => {
    const id = newId();
    const sagaId = newId();
    const settled = consumers.messages.command(consumerapi.ValidateOrderByConsumer, order(), { id, sagaId });
    await expect(settled).resolves.toBe('acknowledged');
    expect(consumers.replies()).toEqual([
      { name: 'msg.Success', outcome: 'SUCCESS', inReplyTo: id, payload: {} },
    ]);
    expect(consumers.outbox().at(-1)).toMatchObject({
      channel: 'test.Saga.reply',
      partitionKey: sagaId,
      headers: { 'ce-sagaid': sagaId, 'ce-saganame': 'test.Saga', 'ce-source': '/ftgo/consumer-service' },
    });
  });

  it('is answered with ConsumerNotFound at once for somebody who never registered', async () => {
    const settled = consumers.messages.command(consumerapi.ValidateOrderByConsumer, order(newId()));
    await expect(settled).resolves.toBe('acknowledged');
    expect(consumers.replies()).toMatchObject([
      { name: 'consumerapi.ConsumerNotFound', outcome: 'FAILURE', payload: {} },
    ]);
  });

  it('under the same id gets the reply of the first time again, which may have been lost', async () => {
    const id = newId();
    const command = order();
    await consumers.messages.command(consumerapi.ValidateOrderByConsumer, command, { id });
    const [first, ...others] = consumers.replies();
    expect(others).toEqual([]);
    await consumers.messages.command(consumerapi.ValidateOrderByConsumer, command, { id, deliveryCount: 2 });
    expect(consumers.replies()).toEqual([first, first]);
  });

  it('under another id is answered again, the same', async () => {
    const command = order();
    await consumers.messages.command(consumerapi.ValidateOrderByConsumer, command);
    await consumers.messages.command(consumerapi.ValidateOrderByConsumer, command);
    expect(consumers.replies().map(({ outcome }) => outcome)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('is answered one by one when many come at once, good and bad', async () => {
    const bad = { ...order(), consumerId: 'nobody' };
    await Promise.all(
      [order(), order(newId()), bad, order()].map((each) =>
        consumers.messages.command(consumerapi.ValidateOrderByConsumer, each),
      ),
    );
    expect(consumers.messages.deadLetters).toMatchObject([{ payload: Buffer.from(JSON.stringify(bad)) }]);
    expect(consumers.replies().map(({ outcome }) => outcome)).toEqual(['SUCCESS', 'FAILURE', 'SUCCESS']);
  });

  it('changes nothing', async () => {
    const before = consumers.published();
    await consumers.messages.command(consumerapi.ValidateOrderByConsumer, order());
    expect(consumers.published()).toEqual(before);
  });
});

describe('A command that the consumer service does not know', () => {
  it('becomes a dead letter', async () => {
    const consumers = await startConsumers();
    const unknown = { ...consumerapi.ValidateOrderByConsumer, name: 'consumerapi.ForgetConsumer' };
    const command = { consumerId: newId(), orderId: newId(), orderTotal: 1200 };
    await expect(consumers.messages.command(unknown, command)).resolves.toBe('set aside');
    await consumers.messages.stop();
  });
});
