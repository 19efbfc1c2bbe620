import type { IncomingMessage } from 'node:http';
import { v7 as uuidv7 } from 'uuid';
import type { MessageContext } from '../messaging/message';
import { childTraceparent } from '../telemetry';

/**
 * What a request starts or carries on. The client's `X-Request-ID` is taken when it is 1 to 128 visible ASCII
 * characters, its `traceparent` when it is valid; what is missing or unfit is made anew.
 */
export function contextOf({ headers }: IncomingMessage): MessageContext {
  const given = headers['x-request-id'];
  const requestId = typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : uuidv7();
  const parent = headers.traceparent;
  return {
    correlationId: requestId,
    causationId: requestId,
    traceparent: childTraceparent(typeof parent === 'string' ? parent : undefined),
  };
}
