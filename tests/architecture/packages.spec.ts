import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

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
    process.on('exit', () => require('node:fs').writeSync(3, JSON.stringify(Object.keys(require.cache))));
    const { createLogger } = require('./shared-ts/dist/telemetry');
    createLogger({ serviceId: 'test', environment: '${environment}', level: 'info' });
    process.argv = [...process.argv, 'main', '--help'];
    require('./order/dist/cmd/service/main.js');`;
  const { status, stderr, output } = spawnSync(process.execPath, ['-e', program], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (status !== 0)
    throw new Error(`the order service, as built by \`npm run build\`, does not start: ${stderr}`);
  const files = JSON.parse(output[3] ?? '') as string[];
  return new Set(
    files.flatMap((file) => /.*node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(file)?.[1] ?? []),
  );
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
