// Puts each process's program into one file: main.js with all it needs of this repository and of node_modules, as bundle.js beside it. A process that reads one file instead of six
// hundred starts sooner, and calls that no longer go through the modules' exports take less time where code is cold.

import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The programs of a folder's processes, as paths of main.ts and of the bundle that is made of it. That lies where tsc puts main.js, so that a program finds its migrations from
 * either.
 */
export function programsIn(folder) {
  return ['service', 'cdc']
    .map((part) => ({
      source: join(folder, 'src', 'cmd', part, 'main.ts'),
      bundle: join(folder, 'dist', 'cmd', part, 'bundle.js'),
    }))
    .filter(({ source }) => existsSync(source));
}

/** A map of a file's first letter. */
const FIRST_LETTER = Buffer.from(JSON.stringify({ version: 3, sources: [''], mappings: 'AAAA' })).toString(
  'base64',
);

/**
 * Here pg makes a Response, if there is such a thing, to find out whether it runs on Cloudflare. In Node.js 20 that loads all of fetch: a twentieth of a process's start, by its profile.
 * A variable of its own, without a value, stands for none.
 */
const asksForCloudflare = /[\\/]pg[\\/]lib[\\/]stream\.js$/;

/** Of packages, a bundle's map tells the file at most, not the line: it would be five times as long. */
const filesOfPackages = {
  name: 'files-of-packages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\n${asksForCloudflare.test(path) ? 'var Response;' : ''}\n//# sourceMappingURL=data:application/json;base64,${FIRST_LETTER}`,
    }));
  },
};

/** @throws what esbuild could not make sense of; it has said so on the terminal */
export async function bundle(programs) {
  // Not before it is installed.
  const { build } = await import('esbuild');
  await Promise.all(
    programs.map(({ source, bundle: outfile }) =>
      build({
        entryPoints: [source],
        outfile,
        bundle: true,
        platform: 'node',
        target: 'node20',
        // The text stays in memory: without comments a quarter is saved, and half of the rest, since one letter beyond Latin-1 would make each take two bytes.
        minifyWhitespace: true,
        lineLimit: 160,
        // By which stack traces in the log name the sources (shared-ts/src/telemetry/source-positions.ts).
        sourcemap: 'linked',
        sourcesContent: false,
        plugins: [filesOfPackages],
        // This repository's packages from their sources, so that what they export is called directly.
        conditions: ['@ftgo/source'],
        // What pg takes where it is installed.
        external: ['pg-native'],
        logOverride: { 'require-resolve-not-external': 'silent' },
        logLevel: 'warning',
      }),
    ),
  );
}
