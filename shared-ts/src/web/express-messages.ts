import type { Express } from 'express';
import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http';

/**
 * Requests and responses that have Express's prototypes from the beginning, for `createServer`. Express gives them to objects that are there already, and V8 keeps
 * the layout of each of those apart from all others': hardly any access to a property of theirs, in Express or in Node.js, would find what the last one has
 * learnt, for a hundred properties a request.
 */
export function expressMessages(
  app: Express,
): Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>> {
  class Request extends IncomingMessage {}
  class Response<Message extends IncomingMessage = IncomingMessage> extends ServerResponse<Message> {}
  app.request = Object.setPrototypeOf(Request.prototype, app.request) as Express['request'];
  app.response = Object.setPrototypeOf(Response.prototype, app.response) as Express['response'];
  return { IncomingMessage: Request, ServerResponse: Response };
}
