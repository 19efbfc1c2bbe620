// Brings a checkout into a state that can run: dependencies as the lock file has them, everything compiled.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle, programsIn } from './bundle.mjs';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const modules = join(repository, 'node_modules');
const installStamp = join(modules, '.ftgo-stamp');
const buildStamp = join(modules, '.ftgo-build-stamp');

/** Installs and compiles what has to be; one line for each of the two. */
export async function prepare() {
  await step('dependencies', areDependenciesCurrent, installDependencies);
  await step('build', isBuildCurrent, build);
}

async function step(name, isCurrent, work) {
  const begun = Date.now();
  if (isCurrent()) return console.log(`${name}: up to date`);
  console.log(`${name}: under way ...`);
  await work();
  console.log(`${name}: done in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

/** Loads a compiled program into this process, as if Node.js had been started with it. */
export async function handOver(program, args) {
  const file = join(repository, 'scripts', program);
  process.argv.splice(1, process.argv.length - 1, file, ...args);
  await import(pathToFileURL(file).href);
}

/** Runs the tests and gives jest's exit code. */
export function runJest(args) {
  const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');
  return run(process.execPath, [jest, '--config', join(repository, 'tests', 'jest.config.cjs'), ...args]);
}

// Dependencies

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(repository, 'package-lock.json')))
    .digest('hex');
}

/** The stamp says which lock file was installed; without it, what npm noted in node_modules is compared. */
function areDependenciesCurrent() {
  if (textOf(installStamp) === lockHash()) return true;
  if (!isInstalledAsLocked()) return false;
  writeFileSync(installStamp, lockHash());
  return true;
}

function isInstalledAsLocked() {
  const noted = textOf(join(modules, '.package-lock.json'));
  if (noted === undefined) return false;
  const installed = JSON.parse(noted).packages;
  const locked = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, entry]) => path === '' || isInstalled(entry, installed[path]));
}

/** Optional packages are those of other platforms, mostly. */
function isInstalled(locked, installed) {
  if (installed === undefined) return locked.optional === true || locked.peer === true;
  return locked.version === installed.version && locked.resolved === installed.resolved;
}

async function installDependencies() {
  const npm = npmCommand();
  const code = await run(
    npm.command,
    [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund'],
    npm.options,
  );
  if (code !== 0) throw new Error(`npm ci failed with exit code ${code}`);
  writeFileSync(installStamp, lockHash());
}

/** npm's own program where npm runs this; the command on the PATH else, which on Windows only a shell can start. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli))
    return { command: process.execPath, args: [cli], options: {} };
  return { command: 'npm', args: [], options: { shell: process.platform === 'win32' } };
}

// Build

/**
 * The stamp is a digest of every source's path, time and size, so that a changed, a removed and an older file (another
 * branch) all count as a change. tsc looks by itself, too, but takes two seconds to find nothing.
 */
function isBuildCurrent() {
  return textOf(buildStamp) === sourcesDigest() && outputs().every(existsSync);
}

function outputs() {
  return [...projects().map((folder) => join(folder, 'dist')), ...programs().map((each) => each.bundle)];
}

function programs() {
  return projects().flatMap(programsIn);
}

function projects() {
  const scripts = join(repository, 'scripts');
  const { references } = JSON.parse(readFileSync(join(scripts, 'tsconfig.json'), 'utf8'));
  return [...references.map(({ path }) => join(scripts, path)), scripts];
}

function sourcesDigest() {
  const hash = createHash('sha256').update(process.versions.node);
  const shared = ['tsconfig.base.json', 'package-lock.json', 'scripts/run/bundle.mjs'].map((name) =>
    join(repository, name),
  );
  const own = projects().flatMap((folder) => [join(folder, 'tsconfig.json'), join(folder, 'package.json')]);
  for (const file of [
    ...shared,
    ...own,
    ...projects().flatMap((folder) => filesBelow(join(folder, 'src'))),
  ]) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** A link that leads nowhere (an editor's lock, say) is no file. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isSymbolicLink() && !existsSync(path) ? [] : [path];
    });
}

/** The digest is taken before: what changes while tsc runs is compiled the next time. */
async function build() {
  const digest = sourcesDigest();
  rmSync(buildStamp, { force: true });
  forgetMisleadingNotes();
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const code = await run(process.execPath, [compiler, '--build', join(repository, 'scripts')]);
  if (code !== 0) throw new Error('the build failed');
  await bundle(programs());
  mkdirSync(modules, { recursive: true });
  writeFileSync(buildStamp, digest);
}

/**
 * tsc takes its notes for the truth, and goes by times: it would write nothing where somebody has removed dist but not the notes, and pass over a source that came after them with an older
 * time, from an archive or by `cp -p`.
 */
function forgetMisleadingNotes() {
  for (const folder of projects()) {
    const notes = join(folder, 'tsconfig.tsbuildinfo');
    if (!existsSync(notes)) continue;
    const notedAt = statSync(notes).mtimeMs;
    const isPassedOver = (file) => statSync(file).mtimeMs <= notedAt && statSync(file).ctimeMs > notedAt;
    if (!existsSync(join(folder, 'dist')) || filesBelow(join(folder, 'src')).some(isPassedOver))
      rmSync(notes);
  }
}

// Processes

/** Runs a program on this terminal, passes signals on to it, and gives its exit code. */
function run(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: repository, stdio: 'inherit', ...options });
    const passOn = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, passOn);
      done(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
