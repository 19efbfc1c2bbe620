import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { routeOf, type MessageType } from '@ftgo/shared-ts';
import { postgresDeadLetters } from '@ftgo/shared-ts/postgres';
import { messagesEach, recipe, seed } from './budget';
import { Database } from './database-state';
import {
  hostileMessage,
  nearlyValidMessage,
  publishedMessages,
  validMessage,
  type MessageCase,
} from './message-cases';
import { serviceFolders, startService, type RunningService } from './services';
import type { Known } from './valid-input';

/** From this delivery on, a message does not wait any longer for what is not known yet. */
const LATE = 5;
const MOST_DELIVERIES = 12;

beforeAll(
  () => void process.stdout.write(`message fuzz: ${messagesEach} of each name and kind, ${recipe}\n`),
);

describe.each(serviceFolders)('the %s service, given messages of all kinds', (folder) => {
  let service: RunningService;
  let database: Database;
  let known: Known;

  beforeAll(async () => {
    service = await startService(folder);
    database = await Database.open(service.pool);
    known = {
      ids: Array.from({ length: 4 }, (_, n) => `00000000-0000-7000-8000-00000000000${n}`),
      menuItemIds: ['vindaloo', 'lassi', 'naan'],
    };
  });

  afterAll(() => service.close());

  test('settles each, and writes nothing for what it sets aside', async () => {
    const findings: string[] = [];
    let before = await database.state();
    for (const [index, type] of publishedMessages.entries()) {
      for (const message of messagesOf(type, index)) {
        const { settled, deliveries } = await deliver(message);
        const after = await database.state();
        if (settled === 'sent back') findings.push(finding('never settled', message));
        const letter = settled === 'set aside' ? service.messages.deadLetters.at(-1) : undefined;
        if (letter !== undefined && letter.attempts > 1)
          findings.push(finding(`a fault, ${deliveries} deliveries: ${letter.error}`, message));
        if (settled === 'set aside' && !isDeepStrictEqual(after, before))
          findings.push(finding('set aside, but written', message));
        before = after;
      }
      known = { ...known, ids: [...known.ids.slice(0, 4), ...(await database.someIds())] };
    }
    expect({ findings, recipe }).toEqual({ findings: [], recipe });
  });

  test('keeps every one that it has set aside as a dead letter', async () => {
    const deadLetters = postgresDeadLetters(service.pool);
    for (const letter of service.messages.deadLetters) await deadLetters.add(letter);
    const kept = await database.rows<{ message_id: string }>('dead_letters');
    expect(new Set(kept.map(({ message_id }) => message_id)).size).toBe(
      new Set(service.messages.deadLetters.map(({ messageId }) => messageId)).size,
    );
  });

  test('handles the good ones of a batch with bad ones in it', async () => {
    const handled = publishedMessages.filter(isHandled);
    const good = handled.flatMap((type) => sample(validMessage(type, known), 3));
    const bad = publishedMessages.flatMap((type, index) => sample(hostileMessage(type, known), 1, index));
    const all = good.flatMap((message, index) => [...bad.slice(3 * index, 3 * index + 3), message]);
    await Promise.all(
      all.map(({ subject, headers, data }) => service.messages.raw(subject, headers, data, LATE)),
    );
    const entered = new Set(
      (await database.rows<{ message_id: string }>('inbox')).map(({ message_id }) => message_id),
    );
    const aside = new Set(service.messages.deadLetters.map(({ messageId }) => messageId));
    const lost = good
      .map(({ headers }) => headers['ce-id'] ?? '')
      .filter((id) => !entered.has(id) && !aside.has(id));
    expect({ lost, recipe }).toEqual({ lost: [], recipe });
  });

  test('puts only messages into its outbox that the broker takes', async () => {
    const rows = await database.rows<{ channel: string; headers: Record<string, string> }>('outbox');
    const wrong = rows.filter(
      ({ channel, headers }) =>
        !/^[\w-]+(\.[\w-]+)*$/.test(channel) ||
        Object.entries(headers).some(
          ([name, value]) => !/^[a-z-]+$/.test(name) || /[\p{Cc}\p{Surrogate}]/u.test(value),
        ),
    );
    expect({ wrong, recipe }).toEqual({ wrong: [], recipe });
  });

  const isHandled = (type: MessageType): boolean =>
    service.handlers.some(
      ({ route }) => route === routeOf({ kind: type.kind, name: type.name, attributes: {} }),
    );

  const sample = (messages: fc.Arbitrary<MessageCase>, count: number, index = 0) =>
    fc.sample(messages, { seed: seed + index, numRuns: count });

  const messagesOf = (type: (typeof publishedMessages)[number], index: number): MessageCase[] => [
    ...sample(validMessage(type, known), messagesEach, index),
    ...sample(nearlyValidMessage(type, known), 3 * messagesEach, index),
    ...sample(hostileMessage(type, known), 3 * messagesEach, index),
  ];

  /** Delivers it until it is settled, as the broker does. */
  async function deliver({ subject, headers, data }: MessageCase) {
    let deliveries = 1;
    let settled = await service.messages.raw(subject, headers, data);
    for (; settled === 'sent back' && deliveries < MOST_DELIVERIES; deliveries++)
      settled = await service.messages.raw(subject, headers, data, LATE);
    return { settled, deliveries };
  }

  const finding = (law: string, { subject, headers, data }: MessageCase): string =>
    `${law}\n${JSON.stringify({ subject, headers }).slice(0, 1_500)}\n${data.toString().slice(0, 800)}`;
});
