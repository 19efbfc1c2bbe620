import { newId } from '../ids';
import { Rejection } from '../domain';
import type { Scope } from '../unit-of-work';
import { UndecodableMessage } from './decode';
import type { IncomingMessage, MessageType, Outcome, PayloadOf } from './message';

/** What a command's handler answers: a reply of the published language, successful or not. */
export interface Reply {
  readonly outcome: Outcome;
  readonly name: string;
  readonly payload: unknown;
}

/** The reply that says nothing but yes. */
export const SUCCESS: Reply = { outcome: 'SUCCESS', name: 'msg.Success', payload: {} };

/** A successful reply that carries something. */
export const successWith = <T extends MessageType>(type: T, payload: PayloadOf<T>): Reply => ({
  outcome: 'SUCCESS',
  name: type.name,
  payload,
});

/** A failure reply of a kind of its own. */
export const failureWith = <T extends MessageType>(type: T, payload: PayloadOf<T>): Reply => ({
  outcome: 'FAILURE',
  name: type.name,
  payload,
});

/**
 * Thrown by a handler that misses what another service's message will bring, where nothing promises that it came first. The message is
 * tried again a few times, and then the rejection counts.
 */
export class NotYetKnown extends Error {
  constructor(readonly rejection: Rejection) {
    super(rejection.message);
    this.name = 'NotYetKnown';
  }
}

/** How often a message waits for what it does not find yet (about three seconds in all). */
const MAX_WAITS = 4;

/** Turns a NotYetKnown into its rejection when the message has waited long enough. */
const patiently = async <T>(message: IncomingMessage, handling: () => Promise<T>): Promise<T> => {
  try {
    return await handling();
  } catch (error) {
    throw error instanceof NotYetKnown && message.deliveryCount > MAX_WAITS ? error.rejection : error;
  }
};

/** A service's answer to one kind of message. */
export interface MessageHandler<Ports> {
  /** Which messages it gets; see `routeOf`. */
  readonly route: string;
  readonly handle: (ports: Ports, message: IncomingMessage, scope: Scope) => Promise<void>;
}

/** What a message is routed by: its name, or for a reply, the saga that it is for. */
export const routeOf = (message: Pick<IncomingMessage, 'kind' | 'name' | 'attributes'>): string =>
  message.kind === 'reply' ? (message.attributes['saganame'] ?? message.name) : message.name;

/** A validated message, as handlers get it. */
export type Received<T extends MessageType> = Omit<IncomingMessage, 'payload'> & {
  readonly payload: PayloadOf<T>;
};

/**
 * Reacts to another service's event (or to one's own). The aggregate's id and version are in `attributes.subject` and
 * `attributes.sequence`; see `eventSource`.
 */
export const onEvent = <Ports, T extends MessageType>(
  type: T,
  handle: (ports: Ports, event: Received<T>) => Promise<void>,
): MessageHandler<Ports> => ({
  route: type.name,
  handle: (ports, message) => patiently(message, () => handle(ports, validated(type, message))),
});

/**
 * Carries out a command and answers it. A Rejection becomes a failure reply: the one that `rejections` names for its code, else `msg.Failure` with
 * the code as the reason.
 */
export const onCommand = <Ports, T extends MessageType>(
  type: T,
  handle: (ports: Ports, command: Received<T>) => Promise<Reply | void>,
  rejections: Readonly<Record<string, Reply>> = {},
): MessageHandler<Ports> => ({
  route: type.name,
  handle: async (ports, message, scope) => {
    const command = validated(type, message);
    let reply: Reply;
    try {
      reply = (await patiently(message, () => handle(ports, command))) ?? SUCCESS;
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (scope.staged > 0) throw new Error('a handler rejected after it had written', { cause: error });
      reply = rejections[error.code] ?? {
        outcome: 'FAILURE',
        name: 'msg.Failure',
        payload: { reason: error.code },
      };
    }
    answer(scope, message, reply);
  },
});

/** Sends the reply where the command asks for it; a command from outside a saga may ask for none. */
function answer(scope: Scope, command: IncomingMessage, reply: Reply): void {
  const { replyto, sagaid, saganame } = command.attributes;
  if (replyto === undefined) return;
  scope.publish({
    id: newId(),
    channel: replyto,
    name: reply.name,
    kind: 'reply',
    partitionKey: sagaid ?? command.partitionKey,
    attributes: {
      inreplyto: command.id,
      outcome: reply.outcome,
      ...(sagaid === undefined ? {} : { sagaid }),
      ...(saganame === undefined ? {} : { saganame }),
    },
    payload: reply.payload,
  });
}

/** What a column of the type integer holds. */
const LAST_VERSION = 2 ** 31 - 1;

/** The aggregate that an event is about, and the aggregate's version after it. */
export function eventSource(event: Pick<IncomingMessage, 'attributes' | 'name'>): {
  id: string;
  version: number;
} {
  const { subject, sequence } = event.attributes;
  const version = Number(sequence);
  if (subject === undefined || !Number.isSafeInteger(version) || version < 1 || version > LAST_VERSION) {
    throw new UndecodableMessage(`${event.name} lacks ce-subject or ce-sequence`);
  }
  return { id: subject, version };
}

function validated<T extends MessageType>(type: T, message: IncomingMessage): Received<T> {
  if (message.kind !== type.kind) throw new UndecodableMessage(`${type.name} came as a ${message.kind}`);
  const parsed = type.payload.safeParse(message.payload);
  if (!parsed.success) {
    throw new UndecodableMessage(`the payload is no ${type.name}: ${parsed.error.message}`);
  }
  return { ...message, payload: parsed.data as PayloadOf<T> };
}
