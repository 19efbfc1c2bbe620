import fc from 'fast-check';
import * as published from '@ftgo/serviceapis';
import { newId, subjectOf, type MessageKind, type MessageType } from '@ftgo/shared-ts';
import { hostileBytes, hostileText, mutated } from './hostile-input';
import { validInput, type Known } from './valid-input';

/** A message on its way to a consumer. */
export interface MessageCase {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

type Published = MessageType & { readonly channel: string | undefined };

const isMessage = (value: object): value is Published =>
  'kind' in value && 'payload' in value && 'name' in value;

/** Every message of the published language. */
export const publishedMessages: readonly Published[] = Object.values(published)
  .flatMap((part) => (typeof part === 'object' ? Object.values(part as Record<string, object>) : []))
  .filter((value) => typeof value === 'object' && value !== null)
  .filter(isMessage);

const sagaNames = Object.values(published.channels.sagaReplies).map((channel) =>
  channel.replace(/\.reply$/, ''),
);

/** Messages that are all right. */
export function validMessage(type: Published, known: Known): fc.Arbitrary<MessageCase> {
  const id = known.ids.length === 0 ? fc.uuid() : fc.constantFrom(...known.ids);
  return fc
    .record({
      payload: validInput(type.payload, known),
      subject: id,
      version: fc.integer({ min: 1, max: 60 }),
      saga: id,
      inReplyTo: id,
      sagaName: fc.constantFrom(...sagaNames),
      outcome: fc.constantFrom('SUCCESS', 'FAILURE'),
    })
    .map(({ payload, subject, version, saga, inReplyTo, sagaName, outcome }) => {
      const headersByKind: Record<MessageKind, Record<string, string>> = {
        event: { 'ce-subject': subject, 'ce-sequence': String(version), 'ce-partitionkey': subject },
        command: {
          'ce-sagaid': saga,
          'ce-saganame': sagaName,
          'ce-replyto': `${sagaName}.reply`,
          'ce-partitionkey': saga,
        },
        reply: {
          'ce-sagaid': saga,
          'ce-saganame': sagaName,
          'ce-inreplyto': inReplyTo,
          'ce-outcome': outcome,
          'ce-partitionkey': saga,
        },
      };
      return {
        subject: subjectOf(type.channel ?? `${sagaName}.reply`),
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          // Not of the seed: an id is taken once.
          'ce-id': newId(),
          'ce-type': type.name,
          'ce-messagekind': type.kind,
          'ce-source': '/ftgo/fuzz',
          'ce-time': '2030-01-31T18:30:00.000Z',
          'ce-correlationid': saga,
          'ce-causationid': saga,
          ...headersByKind[type.kind],
        },
        data: Buffer.from(JSON.stringify(payload)),
      };
    });
}

/** Messages with one thing wrong in the payload. */
export const nearlyValidMessage = (type: Published, known: Known): fc.Arbitrary<MessageCase> =>
  fc
    .tuple(validMessage(type, known), mutated(validInput(type.payload, known)))
    .map(([message, payload]) => ({ ...message, data: Buffer.from(JSON.stringify(payload) ?? '') }));

/** Messages with a header that is missing or wrong, on a subject of another form, or without a payload that can be read. */
export const hostileMessage = (type: Published, known: Known): fc.Arbitrary<MessageCase> => {
  const valid = validMessage(type, known);
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(valid, fc.nat(), hostileText).map(withHeader) },
    { weight: 1, arbitrary: fc.tuple(valid, fc.nat()).map(withoutHeader) },
    { weight: 2, arbitrary: fc.tuple(valid, hostileBytes).map(([message, data]) => ({ ...message, data })) },
    {
      weight: 1,
      arbitrary: fc.tuple(valid, hostileText).map(([message, subject]) => ({ ...message, subject })),
    },
  );
};

const further = ['traceparent', 'ce-indoubt', 'ce-failure', 'ce-__proto__', 'CE-ID', 'ce-'];

function withHeader([message, which, value]: [MessageCase, number, string]): MessageCase {
  const names = [...Object.keys(message.headers), ...further];
  const name = names[which % names.length] ?? 'ce-type';
  return { ...message, headers: { ...message.headers, [name]: value } };
}

function withoutHeader([message, which]: [MessageCase, number]): MessageCase {
  const entries = Object.entries(message.headers);
  return {
    ...message,
    headers: Object.fromEntries(entries.filter((_, index) => index !== which % entries.length)),
  };
}
