import fc from 'fast-check';
import type { Route } from '@ftgo/shared-ts';
import { brokenLaws } from './answer-laws';
import { recipe, requests, seed } from './budget';
import { Database } from './database-state';
import { hostileRequest, nearlyValidRequest, validRequest, type HttpCase } from './http-cases';
import { publishedMessages, validMessage } from './message-cases';
import { serviceFolders, startService, type RunningService } from './services';
import type { Known } from './valid-input';
import { Wire, type Answer } from './wire';
import { effectsWithoutSuccess } from './write-laws';

const CONNECTIONS = 8;
const BATCH = 40;
const perService = Math.ceil(requests / serviceFolders.length);
const menuItemIds = ['vindaloo', 'lassi', 'naan'];
const firstIds = Array.from({ length: 4 }, (_, n) => `00000000-0000-7000-8000-00000000000${n}`);

beforeAll(() => void process.stdout.write(`HTTP fuzz: ${requests} requests, ${recipe}\n`));

/** One request and what came of it. */
interface Exchange {
  readonly route: Route;
  readonly request: HttpCase;
  readonly answer: Answer | undefined;
}

describe.each(serviceFolders)('the %s service, given input of all kinds', (folder) => {
  let service: RunningService;
  let database: Database;
  let wires: Wire[];
  let known: Known = { ids: firstIds, menuItemIds };

  beforeAll(async () => {
    service = await startService(folder);
    database = await Database.open(service.pool);
    wires = Array.from({ length: CONNECTIONS }, () => new Wire(service.port));
    const routed = new Set(service.handlers.map(({ route }) => route));
    for (const type of publishedMessages.filter(({ name }) => routed.has(name))) {
      const messages = fc.sample(validMessage(type, known), { seed, numRuns: 12 });
      await Promise.all(
        messages.map(({ subject, headers, data }) => service.messages.raw(subject, headers, data)),
      );
      known = { ids: [...firstIds, ...(await database.someIds())], menuItemIds };
    }
  });

  afterAll(async () => {
    for (const wire of wires) wire.close();
    await service.close();
  });

  test(`answers ${perService} requests by the contract, and writes only what it confirms`, async () => {
    const findings: string[] = [];
    for (let sent = 0, batch = 0; sent < perService && findings.length < 20; batch++) {
      const before = await database.state();
      const exchanges = await exchange(requestsOf(batch));
      sent += exchanges.length;
      for (const { route, request, answer } of exchanges)
        for (const law of brokenLaws(route, request, answer)) findings.push(finding(law, request, answer));
      findings.push(...(await effectsWithoutSuccess(database, before, exchanges)));
      known = { ids: [...firstIds, ...(await database.someIds())], menuItemIds };
    }
    expect({ findings, faults: service.faults, recipe }).toEqual({ findings: [], faults: [], recipe });
  });

  /** One kind of input a batch, so that most batches of bad input must leave no trace at all. */
  function requestsOf(batch: number): [Route, HttpCase][] {
    const kind = [validRequest, nearlyValidRequest, hostileRequest, nearlyValidRequest, hostileRequest][
      batch % 5
    ];
    if (kind === undefined) throw new Error('there is no such kind');
    const routes = service.routes.filter((route) => kind !== nearlyValidRequest || readsSomething(route));
    const arbitrary = fc
      .constantFrom(...routes)
      .chain((route) => fc.tuple(fc.constant(route), kind(route, known)));
    return fc.sample(arbitrary, { seed: seed + batch, numRuns: BATCH });
  }

  async function exchange(cases: readonly [Route, HttpCase][]): Promise<Exchange[]> {
    const waiting = [...cases];
    const done: Exchange[] = [];
    await Promise.all(
      wires.map(async (wire) => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
          const [route, request] = next;
          done.push({ route, request, answer: await wire.send(bytesOf(request), request.method === 'HEAD') });
        }
      }),
    );
    return done;
  }

  function finding(law: string, request: HttpCase, answer: Answer | undefined): string {
    const fault = answer !== undefined && answer.status >= 500 ? service.faults.at(-1) : undefined;
    return [
      law,
      bytesOf(request).toString('latin1').slice(0, 1_500),
      JSON.stringify(answer)?.slice(0, 500),
      fault,
    ]
      .filter((part) => part !== undefined)
      .join('\n');
  }
});

const readsSomething = ({ params, query, body }: Route): boolean =>
  params !== undefined || query !== undefined || body !== undefined;

function bytesOf({ method, target, headers, body }: HttpCase): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: fuzz',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  if (body !== undefined) lines.push(`Content-Length: ${body.length}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body === undefined ? head : Buffer.concat([head, body]);
}
