import { UndecodableMessage } from '../messaging/decode';
import type { IncomingMessage, MessageType, PayloadOf } from '../messaging/message';

/** A command as a saga's step sends it. */
export interface SagaCommand {
  readonly channel: string;
  readonly name: string;
  readonly payload: unknown;
}

/** Makes a step's command; the compiler checks the payload against the published language. */
export const send = <T extends MessageType & { readonly channel: string }>(
  type: T,
  payload: PayloadOf<T>,
): SagaCommand => ({
  channel: type.channel,
  name: type.name,
  payload,
});

/**
 * One step of a saga. A step without an action has happened already when the saga starts (it is taken with the request), and only says how it is
 * compensated.
 */
export interface SagaStep<Data> {
  /** In the words of the process: "authorize the order". */
  readonly name: string;
  action?(data: Data): SagaCommand;
  /** Takes what later steps need from the successful reply. */
  onReply?(data: Data, reply: unknown): Data;
  compensation?(data: Data): SagaCommand;
  /**
   * Undoes the step when nobody knows whether it was carried out, because its reply did not come. The receiver must take an undo that comes before
   * the command that it undoes, and refuse that command then. Without it, nothing is sent for a step in doubt; a pivot without it is
   * a point of no return as soon as its command is out.
   * @param commandId id of the command in doubt
   */
  undoInDoubt?(data: Data, commandId: string): SagaCommand;
  /** The point of no return: when this step has succeeded, the later ones are retried until they succeed. */
  readonly pivot?: true;
  /** How long the step may wait for its reply in all, in milliseconds, where it is not what the service's configuration says. */
  readonly timeout?: number;
}

/** A process across services, as a list of steps that reads like it. */
export interface SagaDefinition<Data> {
  /** e.g. `orderservice.CreateOrderSaga`; replies come on `<name>.reply`. */
  readonly name: string;
  readonly steps: readonly SagaStep<Data>[];
}

/**
 * The attribute of a command (header `ce-indoubt: true`) that undoes what may not have been done: it must succeed where there is
 * nothing to undo, and whatever would otherwise forbid it.
 */
export const IN_DOUBT = 'indoubt';

/** Whether a command undoes what may not have been done. */
export const isInDoubt = ({ attributes }: Pick<IncomingMessage, 'attributes'>): boolean =>
  attributes[IN_DOUBT] === 'true';

/**
 * Reads a reply of the published language inside `onReply`.
 * @throws UndecodableMessage when the payload is another one
 */
export function replyOf<T extends MessageType>(type: T, payload: unknown): PayloadOf<T> {
  const parsed = type.payload.safeParse(payload);
  if (!parsed.success)
    throw new UndecodableMessage(`the payload is no ${type.name}: ${parsed.error.message}`);
  return parsed.data as PayloadOf<T>;
}

/** The channel on which a saga awaits its replies. */
export const replyChannel = (sagaName: string): string => `${sagaName}.reply`;
