import type { MessageType, PayloadOf } from '../messaging/message';

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
  /** The point of no return: when this step has succeeded, the later ones are retried until they succeed. */
  readonly pivot?: true;
}

/** A process across services, as a list of steps that reads like it. */
export interface SagaDefinition<Data> {
  /** e.g. `orderservice.CreateOrderSaga`; replies come on `<name>.reply`. */
  readonly name: string;
  readonly steps: readonly SagaStep<Data>[];
}

/** Reads a reply of the published language inside `onReply`. */
export const replyOf = <T extends MessageType>(type: T, payload: unknown): PayloadOf<T> =>
  type.payload.parse(payload) as PayloadOf<T>;

/** The channel on which a saga awaits its replies. */
export const replyChannel = (sagaName: string): string => `${sagaName}.reply`;
