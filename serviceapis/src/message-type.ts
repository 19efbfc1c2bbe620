import { z } from 'zod';

/** A message of the published language. Commands and events name the channel they travel on; replies go to the saga's. */
export interface MessageDefinition<
  Name extends string = string,
  Kind extends 'event' | 'command' | 'reply' = 'event' | 'command' | 'reply',
  Payload = unknown,
> {
  readonly name: Name;
  readonly kind: Kind;
  readonly channel: Kind extends 'reply' ? undefined : string;
  readonly payload: z.ZodType<Payload>;
}

/** Declares an aggregate's published event; unknown fields of newer versions are dropped, not refused. */
export const event = <N extends string, S extends z.ZodRawShape>(
  channel: string,
  name: N,
  shape: S,
): MessageDefinition<N, 'event', z.output<z.ZodObject<S>>> => ({
  name,
  kind: 'event',
  channel,
  payload: z.object(shape),
});

/** Declares a command to the service that listens on the channel. */
export const command = <N extends string, S extends z.ZodRawShape>(
  channel: string,
  name: N,
  shape: S,
): MessageDefinition<N, 'command', z.output<z.ZodObject<S>>> => ({
  name,
  kind: 'command',
  channel,
  payload: z.object(shape),
});

/** Declares a reply to a command. */
export const reply = <N extends string, S extends z.ZodRawShape>(
  name: N,
  shape: S,
): MessageDefinition<N, 'reply', z.output<z.ZodObject<S>>> => ({
  name,
  kind: 'reply',
  channel: undefined,
  payload: z.object(shape),
});

/** The payload that a definition describes. */
export type Payload<D> =
  D extends MessageDefinition<string, 'event' | 'command' | 'reply', infer P> ? P : never;
