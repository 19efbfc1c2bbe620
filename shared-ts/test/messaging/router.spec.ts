import { z } from 'zod';
import { conflict, notFound } from '../../src/domain';
import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor, tables } from '../../src/in-memory';
import {
  eventSource,
  failureWith,
  NotYetKnown,
  onCommand,
  onEvent,
  routeOf,
  successWith,
  UndecodableMessage,
  type IncomingMessage,
  type MessageHandler,
  type OutboxRow,
} from '../../src/messaging';
import { repliesIn } from '../../src/testing';
import { added, inMemoryPorts, type TestPorts } from '../unit-of-work/test-ports';

const Add = {
  name: 'testapi.Add',
  kind: 'command' as const,
  channel: 'testservice',
  payload: z.object({ amount: z.number() }),
};
const Added = { name: 'testapi.Added', kind: 'event' as const, payload: z.object({ amount: z.number() }) };
const AddReply = {
  name: 'testapi.AddReply',
  kind: 'reply' as const,
  payload: z.object({ total: z.number() }),
};
const Full = { name: 'testapi.Full', kind: 'reply' as const, payload: z.object({}) };

const sagaAttributes = { sagaid: 'the-saga', saganame: 'test.Saga', replyto: 'test.Saga.reply' };

const message = (overrides: Partial<IncomingMessage> = {}): IncomingMessage => ({
  id: 'the-command',
  channel: 'testservice',
  name: 'testapi.Add',
  kind: 'command',
  partitionKey: 'the-saga',
  context: { correlationId: 'the-first-request', causationId: 'the-command' },
  attributes: sagaAttributes,
  payload: { amount: 1 },
  time: '2026-01-01T12:00:00.000Z',
  deliveryCount: 1,
  ...overrides,
});

/** Handles a message in a transaction. @returns the outbox rows that it left */
async function handled(
  handler: MessageHandler<TestPorts>,
  incoming = message(),
): Promise<readonly OutboxRow[]> {
  const database = new InMemoryDatabase();
  await inMemoryTransactor(database, 'test-service', inMemoryPorts).transaction(({ work, ports }) => {
    const scope = work.scope(incoming.context);
    return handler.handle(ports(scope), incoming, scope);
  });
  return database.rows<OutboxRow>(tables.outbox);
}

const reply = async (handler: MessageHandler<TestPorts>, incoming = message()) =>
  repliesIn(await handled(handler, incoming))[0];

describe('the reply to a command', () => {
  it('goes where the command asks for it, and says which saga and which command it answers', async () => {
    const [row] = await handled(onCommand(Add, async () => undefined));
    expect(row).toMatchObject({ channel: 'test.Saga.reply', partitionKey: 'the-saga', payload: '{}' });
    expect(row?.headers).toEqual({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': row?.id,
      'ce-source': '/ftgo/test-service',
      'ce-time': expect.any(String) as string,
      'ce-type': 'msg.Success',
      'ce-messagekind': 'reply',
      'ce-partitionkey': 'the-saga',
      'ce-correlationid': 'the-first-request',
      'ce-causationid': 'the-command',
      'ce-sagaid': 'the-saga',
      'ce-saganame': 'test.Saga',
      'ce-inreplyto': 'the-command',
      'ce-outcome': 'SUCCESS',
    });
  });

  it('carries what the handler answers', async () => {
    expect(await reply(onCommand(Add, async () => successWith(AddReply, { total: 7 })))).toEqual({
      name: 'testapi.AddReply',
      outcome: 'SUCCESS',
      inReplyTo: 'the-command',
      payload: { total: 7 },
    });
  });

  it('is a failure when the handler answers one', async () => {
    expect(await reply(onCommand(Add, async () => failureWith(Full, {})))).toMatchObject({
      name: 'testapi.Full',
      outcome: 'FAILURE',
    });
  });

  it('is not sent when the command asks for none', async () => {
    expect(
      await handled(
        onCommand(Add, async () => undefined),
        message({ attributes: {} }),
      ),
    ).toEqual([]);
  });

  it('comes after what the command has caused', async () => {
    const handler = onCommand<TestPorts, typeof Add>(Add, async ({ tallies }, { payload }) => {
      await tallies.update(newId(), () => [added(payload.amount)]);
    });
    const rows = await handled(handler);
    expect(rows.map(({ headers }) => headers['ce-type'])).toEqual(['test.Added', 'msg.Success']);
  });
});

describe('a rejected command', () => {
  const rejecting = (rejections = {}) =>
    onCommand(Add, () => Promise.reject(conflict('TALLY_FULL', 'The tally is full.')), rejections);

  it('is answered with a plain failure that names the reason', async () => {
    expect(await reply(rejecting())).toEqual({
      name: 'msg.Failure',
      outcome: 'FAILURE',
      inReplyTo: 'the-command',
      payload: { reason: 'TALLY_FULL' },
    });
  });

  it('is answered with the failure that its code stands for', async () => {
    const mapped = await reply(rejecting({ TALLY_FULL: failureWith(Full, {}) }));
    expect(mapped).toMatchObject({ name: 'testapi.Full', outcome: 'FAILURE', payload: {} });
  });

  it('is a fault when the handler had written before', async () => {
    const handler = onCommand<TestPorts, typeof Add>(Add, async ({ tallies }) => {
      await tallies.update(newId(), () => [added(1)]);
      throw conflict('TALLY_FULL', 'The tally is full.');
    });
    await expect(handled(handler)).rejects.toThrow('rejected after it had written');
  });

  it('is told apart from a broken handler', async () => {
    await expect(handled(onCommand(Add, () => Promise.reject(new Error('broken'))))).rejects.toThrow(
      'broken',
    );
  });
});

describe('a handler that misses what may be on its way', () => {
  const missing = () => Promise.reject(new NotYetKnown(notFound('restaurant', 'r1')));

  it.each([1, 2, 3, 4])('has the message wait at delivery %i', async (deliveryCount) => {
    for (const handler of [onCommand(Add, missing), onEvent(Added, missing)]) {
      const kind = handler.route === Added.name ? 'event' : 'command';
      await expect(handled(handler, message({ deliveryCount, kind }))).rejects.toThrow(NotYetKnown);
    }
  });

  it('rejects the command in the end', async () => {
    expect(await reply(onCommand(Add, missing), message({ deliveryCount: 5 }))).toMatchObject({
      outcome: 'FAILURE',
      payload: { reason: 'RESTAURANT_NOT_FOUND' },
    });
  });

  it('gives the event up in the end', async () => {
    const event = message({ deliveryCount: 5, kind: 'event', name: Added.name });
    await expect(handled(onEvent(Added, missing), event)).rejects.toMatchObject({
      code: 'RESTAURANT_NOT_FOUND',
    });
  });
});

describe('a message whose content is not what its name says', () => {
  it('is not handled when its payload has another shape', async () => {
    const handle = jest.fn();
    for (const payload of [{ amount: 'one' }, {}, null, [], 'text']) {
      await expect(handled(onCommand(Add, handle), message({ payload }))).rejects.toThrow(UndecodableMessage);
    }
    expect(handle).not.toHaveBeenCalled();
  });

  it('is not handled when its kind is another', async () => {
    const handle = jest.fn();
    await expect(handled(onCommand(Add, handle), message({ kind: 'event' }))).rejects.toThrow(
      UndecodableMessage,
    );
    await expect(handled(onEvent(Added, handle), message({ kind: 'command' }))).rejects.toThrow(
      UndecodableMessage,
    );
    expect(handle).not.toHaveBeenCalled();
  });
});

describe('the route', () => {
  it('of an event and of a command is its name', () => {
    expect(routeOf(message())).toBe('testapi.Add');
    expect(routeOf(message({ kind: 'event', name: 'testapi.Added' }))).toBe('testapi.Added');
  });

  it('of a reply is the saga that it is for', () => {
    expect(routeOf(message({ kind: 'reply', name: 'msg.Success' }))).toBe('test.Saga');
  });
});

describe('the source of an event', () => {
  const attributes = (subject: string | undefined, sequence: string | undefined) => ({
    ...(subject === undefined ? {} : { subject }),
    ...(sequence === undefined ? {} : { sequence }),
  });

  it('is the aggregate and its version', () => {
    expect(eventSource({ name: 'x', attributes: attributes('the-order', '12') })).toEqual({
      id: 'the-order',
      version: 12,
    });
  });

  it.each([
    [undefined, '1'],
    ['the-order', undefined],
    ['the-order', '0'],
    ['the-order', '-1'],
    ['the-order', '1.5'],
    ['the-order', 'one'],
    ['the-order', ''],
    ['the-order', '2147483648'],
  ])('is missing in subject %s, sequence %s', (subject, sequence) => {
    expect(() => eventSource({ name: 'x', attributes: attributes(subject, sequence) })).toThrow(
      UndecodableMessage,
    );
  });
});
