import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const CONFIG = '.dependency-cruiser.cjs';
const TSCONFIG = '.dependency-cruiser.tsconfig.json';

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

/** Runs dependency-cruiser with the repository's rules on the sources below a folder. */
function violationsIn(folder: string): Violation[] {
  const sources = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map((entry) => `${entry.name}/src`)
    .filter((path) => spawnableFolder(join(folder, path)));
  const command = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [command, '--config', CONFIG, '--output-type', 'json', ...sources];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${stderr}${stdout}`);
  const result = JSON.parse(stdout) as { summary: { violations: Violation[]; totalCruised: number } };
  if (result.summary.totalCruised === 0) throw new Error('dependency-cruiser saw no module');
  return result.summary.violations;
}

const spawnableFolder = (path: string): boolean => {
  try {
    return readdirSync(path).length > 0;
  } catch {
    return false;
  }
};

/** A repository with just these files, and the real rules and packages. */
function repositoryOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ftgo-architecture-'));
  for (const name of [CONFIG, TSCONFIG]) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** One violation a rule: the files that have it, and nothing else that is wrong. */
const seeded: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-circular': {
    'order/src/domain/a.ts': "import { b } from './b';\nexport const a = () => b;\n",
    'order/src/domain/b.ts': "import { a } from './a';\nexport const b = () => a;\n",
  },
  'services-are-strangers': {
    'order/src/adapters/a.ts': "export { b } from '../../../kitchen/src/adapters/b';\n",
    'kitchen/src/adapters/b.ts': 'export const b = 1;\n',
  },
  'domain-is-innermost': {
    'order/src/domain/a.ts': "export { b } from '../application/b';\n",
    'order/src/application/b.ts': 'export const b = 1;\n',
  },
  'domain-takes-only-types-of-messages': {
    'order/src/domain/a.ts': "export { b } from '@ftgo/serviceapis';\n",
    'serviceapis/src/index.ts': 'export const b = 1;\n',
  },
  'application-knows-no-adapter': {
    'order/src/application/a.ts': "export { b } from '../adapters/b';\n",
    'order/src/adapters/b.ts': 'export const b = 1;\n',
  },
  'handlers-know-no-adapter': {
    'order/src/handlers/a.ts': "export { b } from '../adapters/b';\n",
    'order/src/adapters/b.ts': 'export const b = 1;\n',
  },
  'adapters-know-no-handler': {
    'order/src/adapters/a.ts': "export { b } from '../handlers/b';\n",
    'order/src/handlers/b.ts': 'export const b = 1;\n',
  },
  'nothing-imports-an-entry-point': {
    'order/src/adapters/a.ts': "export { b } from '../../src/cmd/main';\n",
    'order/src/cmd/main.ts': 'export const b = 1;\n',
  },
  'the-language-has-no-logic': {
    'serviceapis/src/a.ts': "export { b } from '@ftgo/shared-ts';\n",
    'shared-ts/src/index.ts': 'export const b = 1;\n',
  },
  'shared-ts-knows-no-service': {
    'shared-ts/src/a.ts': "export { b } from '@ftgo/serviceapis';\n",
    'serviceapis/src/index.ts': 'export const b = 1;\n',
  },
  'shared-domain-is-pure': {
    'shared-ts/src/domain/a.ts': "export { b } from '../ids/b';\n",
    'shared-ts/src/ids/b.ts': 'export const b = 1;\n',
  },
  'one-file-knows-the-broker-client': {
    'shared-ts/package.json': '{ "dependencies": { "nats": "*" } }\n',
    'shared-ts/src/messaging/other.ts': "export { connect } from 'nats';\n",
  },
  'test-kit-stays-in-tests': {
    'shared-ts/src/service/a.ts': "export { b } from '../testing/b';\n",
    'shared-ts/src/testing/b.ts': 'export const b = 1;\n',
  },
  'declared-dependencies-only': {
    'order/package.json': '{ "dependencies": {} }\n',
    'order/src/adapters/a.ts': "export { Counter } from 'prom-client';\n",
  },
  'resolvable-only': {
    'order/src/adapters/a.ts': "export { b } from './missing';\n",
  },
};

describe('the architecture', () => {
  it('is kept by the repository', () => {
    expect(violationsIn(root)).toEqual([]);
  });

  // Without this, a rule whose pattern matches nothing would pass for ever.
  const rules = (
    createRequire(__filename)(join(root, CONFIG)) as { forbidden: { name: string }[] }
  ).forbidden.map(({ name }) => name);
  it.each(rules)('has a rule %s that catches a violation', (rule) => {
    const files = seeded[rule];
    if (files === undefined) throw new Error(`there is no seeded violation of ${rule}`);
    const folder = repositoryOf(files);
    try {
      expect(violationsIn(folder).map((violation) => violation.rule.name)).toContain(rule);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
