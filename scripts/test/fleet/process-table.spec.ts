import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { environmentOf, membersOf } from '../../src/fleet/members';
import { processes } from '../../src/fleet/processes';
import { V8_OPTIONS } from '../../src/fleet/service-process';

const read = (file: string): string => readFileSync(join(__dirname, '../../..', file), 'utf8');

/** `order-cdc` is reached by the port in ORDER_CDC_PORT, `order-history-service` by that in ORDER_HISTORY_PORT. */
const variableOf = (id: string): string =>
  `${id
    .replace(/-service$/, '')
    .replaceAll('-', '_')
    .toUpperCase()}_PORT`;

const expected = Object.fromEntries(processes.map(({ id, port }) => [variableOf(id), port]));

const Collection = z.object({ variable: z.array(z.object({ key: z.string(), value: z.string() })) });

describe('the ports of the twelve processes without any setting', () => {
  it('are those of docker-compose.yml, which has Prometheus besides', () => {
    const defaults = [...read('docker-compose.yml').matchAll(/\$\{(\w+_PORT):-(\d+)\}/g)];
    const published = Object.fromEntries(defaults.map(([, name = '', port]) => [name, Number(port)]));
    expect(published).toEqual({ ...expected, PROMETHEUS_PORT: 9090 });
  });

  it('are those of the Postman collection', () => {
    const { variable } = Collection.parse(JSON.parse(read('FTGOGO.postman_collection.json')));
    const ports = variable.filter(({ key }) => key.endsWith('_PORT'));
    expect(Object.fromEntries(ports.map(({ key, value }) => [key, Number(value)]))).toEqual(expected);
  });
});

it('docker-compose.yml runs them as the launcher does', () => {
  const commands = [...read('docker-compose.yml').matchAll(/command: \[(.*\/dist\/cmd\/.*)\]/g)];
  const run = commands.map(([, command = '']) => command.replaceAll("'", '').split(', '));
  expect(run.sort()).toEqual(processes.map(({ entry }) => ['node', ...V8_OPTIONS, entry]).sort());
});

it('the image limits their memory as the launcher does, and the heap by what a container gets', () => {
  const [member] = membersOf(
    processes,
    {},
    () => 0,
    () => '',
  );
  if (member === undefined) throw new Error('there is no process');
  const around = {
    databaseUrl: String,
    brokerUrl: String,
    dataDir: '',
    shutdownTimeoutMs: 0,
    env: {},
    envFor: {},
  };
  const { NODE_OPTIONS = '', MALLOC_TRIM_THRESHOLD_ } = environmentOf(member, around);
  const image = read('docker/Dockerfile');
  const [, options = ''] = /NODE_OPTIONS="(.*)"/.exec(image) ?? [];
  const [, threshold] = /MALLOC_TRIM_THRESHOLD_=(\d+)/.exec(image) ?? [];
  expect(threshold).toBe(MALLOC_TRIM_THRESHOLD_);
  const heap = /--max-old-space-size=(\d+)/;
  expect(NODE_OPTIONS).toContain(options.replace(heap, heap.exec(NODE_OPTIONS)?.[0] ?? ''));
  const [, container] = /mem_limit: (\d+)m/.exec(read('docker-compose.yml')) ?? [];
  expect(Number(heap.exec(options)?.[1])).toBe(0.75 * Number(container));
});
