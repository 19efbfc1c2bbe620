import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { run, type Summary } from 'newman';
import { startTestFleet, type TestFleet } from './fleet';

/** A folder or a request of a collection, as far as it matters here. */
interface Item {
  readonly name: string;
  readonly item?: readonly Item[];
  readonly event?: readonly {
    readonly listen: string;
    readonly script: { readonly exec: readonly string[] };
  }[];
}

interface Collection extends Item {
  readonly item: readonly Item[];
  readonly variable: readonly { readonly key: string }[];
}

const file = resolve(__dirname, '../../FTGOGO.postman_collection.json');
const collection = JSON.parse(readFileSync(file, 'utf8')) as Collection;

const requestsIn = (items: readonly Item[]): Item[] =>
  items.flatMap((each) => (each.item === undefined ? [each] : requestsIn(each.item)));

/** The names of the assertions that an item's test script holds. */
function assertionsOf({ event = [] }: Item): string[] {
  const scripts = event.filter(({ listen }) => listen === 'test').map(({ script }) => script.exec.join('\n'));
  const found = scripts.flatMap((script) => [...script.matchAll(/pm\.test\((?:'([^']*)'|"([^"]*)")/g)]);
  return found.map(([, single, double]) => single ?? double ?? '');
}

/** `order-service` listens where ORDER_PORT says, `order-cdc` where ORDER_CDC_PORT says. */
const portVariable = (process: string): string =>
  `${process
    .replace(/-service$/, '')
    .replaceAll('-', '_')
    .toUpperCase()}_PORT`;

function runAgainst({ fleet }: TestFleet): Promise<Summary> {
  const ports = fleet.members.map(({ name, port }) => ({ key: portVariable(name), value: String(port) }));
  const envVar = [{ key: 'HOST', value: 'http://127.0.0.1' }, ...ports];
  return new Promise((done, fail) => {
    run({ collection, envVar, reporters: [] }, (error, summary) => (error ? fail(error) : done(summary)));
  });
}

const failuresOf = ({ run: { failures } }: Summary): string[] =>
  failures.map(
    ({ source, error }) => `${source?.name ?? 'collection'}: ${error.test ?? error.name}: ${error.message}`,
  );

describe('the Postman collection', () => {
  let ftgo: TestFleet;
  let summary: Summary;
  beforeAll(async () => {
    ftgo = await startTestFleet();
    summary = await runAgainst(ftgo);
  }, 600_000);
  afterAll(() => ftgo.stop());

  it('has a variable for every process', () => {
    const variables = collection.variable.map(({ key }) => key);
    expect(variables).toEqual(
      expect.arrayContaining(['HOST', ...ftgo.fleet.members.map(({ name }) => portVariable(name))]),
    );
  });

  it('passes', () => {
    expect(failuresOf(summary)).toEqual([]);
  });

  it('runs every assertion of every request', () => {
    const requests = requestsIn(collection.item);
    const held = requests.flatMap((item) =>
      assertionsOf(item).map((assertion) => `${item.name}: ${assertion}`),
    );
    const ran = summary.run.executions.flatMap(({ item, assertions = [] }) =>
      assertions.map(({ assertion }) => `${item.name}: ${assertion}`),
    );
    expect(requests.filter((item) => assertionsOf(item).length === 0).map(({ name }) => name)).toEqual([]);
    expect(ran).toEqual(expect.arrayContaining(held));
    expect(summary.run.stats.assertions.total).toBeGreaterThanOrEqual(held.length);
  });

  it('passes again on the same fleet', async () => {
    expect(failuresOf(await runAgainst(ftgo))).toEqual([]);
  }, 600_000);
});
