import express, { type Request, type Response } from 'express';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { compileFunction } from 'node:vm';
import { expressMessages } from '../../src/web/express-messages';

/** Whether V8 keeps two objects in the same layout, so that code that has met one of them knows its way about in the other. */
const haveSameLayout = withNatives(
  () =>
    compileFunction('return %HaveSameMap(one, other)', ['one', 'other']) as (...both: unknown[]) => boolean,
);

function withNatives<T>(compile: () => T): T {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return compile();
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

/** Serves so many requests, one after the other, and gives what the handler got. */
async function served(count: number): Promise<{ requests: Request[]; responses: Response[] }> {
  const requests: Request[] = [];
  const responses: Response[] = [];
  const app = express();
  app.get('/jars/:id', (request, response) => {
    requests.push(request);
    responses.push(response);
    response.status(202).json({ id: request.params.id, host: request.get('host') });
  });
  const server = createServer(expressMessages(app), app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (let index = 0; index < count; index++) {
    const [answer] = await once(get({ host: '127.0.0.1', port, path: `/jars/${index}` }), 'response');
    expect([answer.statusCode, JSON.parse(await textOf(answer))]).toEqual([
      202,
      { id: String(index), host: `127.0.0.1:${port}` },
    ]);
  }
  server.close();
  await once(server, 'close');
  return { requests, responses };
}

async function textOf(answer: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('requests and responses of Express are all laid out alike', async () => {
  // The first of them are what V8 learns the layout from.
  const { requests, responses } = await served(20);
  expect(haveSameLayout(requests.at(-1), requests.at(-2))).toBe(true);
  expect(haveSameLayout(responses.at(-1), responses.at(-2))).toBe(true);
});
