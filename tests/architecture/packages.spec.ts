import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { processes } from '../../scripts/src/fleet/processes';
import { SourcePositions } from '../../shared-ts/src/telemetry/source-positions';

const root = resolve(__dirname, '../..');

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly dev?: boolean; readonly link?: boolean }>
  >;
}

/** The packages that run in production, by name and version, with the folders that npm puts them into. */
function foldersByPackage(): Map<string, string[]> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const folders = new Map<string, string[]>();
  for (const [folder, { version, dev, link }] of Object.entries(packages)) {
    const [, name] = /.*node_modules\/(.+)$/.exec(folder) ?? [];
    if (name === undefined || dev === true || link === true) continue;
    const key = `${name}@${version}`;
    folders.set(key, [...(folders.get(key) ?? []), folder]);
  }
  return folders;
}

/** The packages that a service has loaded by the time it knows its configuration. */
function loadedPackages(environment: string): Set<string> {
  const program = `
    const { createLogger } = require('./shared-ts/dist/telemetry');
    createLogger({ serviceId: 'test', environment: '${environment}', level: 'info' });
    process.argv = [...process.argv, 'main', '--help'];
    require('./order/dist/cmd/service/main.js');`;
  return new Set(
    filesLoadedBy(program).flatMap(
      (file) => /.*node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(file)?.[1] ?? [],
    ),
  );
}

/** The files that a program has loaded by the time it ends. */
function filesLoadedBy(program: string): string[] {
  const telling = `process.on('exit', () => require('node:fs').writeSync(3, JSON.stringify(Object.keys(require.cache))));`;
  const { status, stderr, output } = spawnSync(process.execPath, ['-e', telling + program], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`what \`npm run build\` has built does not start: ${stderr}`);
  return JSON.parse(output[3] ?? '') as string[];
}

describe('the packages that run in production', () => {
  it('are there once: of two copies, both are loaded, by every process', () => {
    const folders = foldersByPackage();
    expect([...folders.keys()]).toContainEqual(expect.stringMatching(/^express@/));
    expect([...folders].filter(([, { length }]) => length > 1)).toEqual([]);
  });

  it('are loaded when they are needed: what formats the lines of a log, where people read it', () => {
    expect(loadedPackages('development')).toContain('pino-pretty');
    const inProduction = loadedPackages('production');
    expect(inProduction).toContain('pino');
    expect(inProduction).not.toContain('pino-pretty');
  });
});

describe("a process's bundle", () => {
  const bundles = processes.map(({ entry }) => [entry, join(root, entry)] as const);

  it.each(bundles)('%s is in ASCII: one letter more, and V8 keeps two bytes for each', (_, file) => {
    const text = readFileSync(file);
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(text.findIndex((byte) => byte > 127)).toBe(-1);
  });

  it.each(bundles)('%s has the packages in it, which are not loaded besides', (_, file) => {
    const program = `
      process.argv = [...process.argv, 'main', '--help'];
      require(${JSON.stringify(file)});`;
    expect(filesLoadedBy(program)).toEqual([file]);
  });

  it.each(bundles)('%s has a map, by which a stack trace names the line of a source', (_, file) => {
    const thrown = /throw new PublishError\(\s*['"]the broker is not connected/;
    const source = join(root, 'shared-ts/src/messaging/nats-broker.ts');
    expect(new SourcePositions(file).in(`${file}:${placeOf(thrown, file)}`)).toBe(
      `${source}:${placeOf(thrown, source)}`,
    );
  });

  it.each(bundles)(
    '%s has a map of a size that a process can read: of packages, it has the files only',
    (_, file) => {
      expect(statSync(`${file}.map`).size).toBeLessThan(500_000);
    },
  );
});

/** Where a text stands in a file, as stack traces tell it. */
function placeOf(text: RegExp, file: string): string {
  const [before = '', found] = readFileSync(file, 'utf8').split(text);
  if (found === undefined) throw new Error(`${file} lacks ${text}`);
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}
