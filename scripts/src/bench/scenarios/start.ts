import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { readNote } from '../../fleet/note-file';
import { removePostgresData } from '../../infrastructure/postgres';
import { cpuSeconds, memoryBytes, type Watched } from '../measure/process-usage';
import type { Outcome, Scenario } from '../scenario';
import { growth } from '../statistics';

const launcher = resolve(__dirname, '..', '..', '..', 'run.mjs');
/** The line with which `npm start` says that every process is ready. */
const allStarted = /^all started in /;
/** How long the fleet is left alone before and while its memory and CPU are looked at, in milliseconds. */
const settlingMs = 5_000;
const idleMs = 10_000;

/** One start of everything. */
export interface StartFigures {
  /** From the launcher's start to all processes ready. */
  readonly seconds: number;
  /** Bytes, by process, when nothing has been asked of the fleet. */
  readonly memory: Readonly<Record<string, number>>;
  /** Of one CPU, by process, in the same state. */
  readonly idleCpu: Readonly<Record<string, number>>;
}

/** `npm start` on an installed and built checkout: with an empty data folder, and again with the data it made. */
export const start: Scenario = async (bench) => {
  await bench.noSite();
  const dataDir = await mkdtemp(join(tmpdir(), 'ftgo-bench-start-'));
  const launched: Launched[] = [];
  let over = false;
  const cleanUp = async () => {
    over = true;
    for (const each of launched) await each.end();
    removePostgresData(join(dataDir, 'postgres'));
    await rm(dataDir, { recursive: true, force: true });
  };
  const startOnce = async (): Promise<StartFigures> => {
    if (over) throw new Error('stopped');
    const one = launch(dataDir);
    launched.push(one);
    const figures = await watch(one, dataDir);
    await one.end();
    return figures;
  };
  return bench.cleaningUp(cleanUp, async () => {
    bench.log('an empty data folder');
    const first = await startOnce();
    bench.log('the same data folder again');
    const again = await startOnce();
    return outcomeOf(first, again);
  });
};

/** An `npm start` under way. */
interface Launched {
  readonly startedAt: number;
  readonly pid: number | undefined;
  readonly output: NodeJS.ReadableStream;
  /** Ends it with all its processes, unless it has ended. */
  end(): Promise<void>;
}

function launch(dataDir: string): Launched {
  const startedAt = performance.now();
  // Not npm itself: npm's own start is no work of ours.
  const child = spawn(process.execPath, [launcher, 'start', '--free-ports', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    windowsHide: true,
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const endIt = () => void child.kill('SIGTERM');
  // A bench that ends by an error does not leave a fleet behind.
  process.once('exit', endIt);
  return {
    startedAt,
    pid: child.pid,
    output: child.stdout,
    end: async () => {
      endIt();
      await exited;
      process.off('exit', endIt);
    },
  };
}

async function watch({ startedAt, pid, output }: Launched, dataDir: string): Promise<StartFigures> {
  await untilSaid(output, allStarted);
  const seconds = (performance.now() - startedAt) / 1000;
  await sleep(settlingMs);
  const watched = { ...processesOf(dataDir, pid) };
  const cpuBefore = cpuSeconds(watched);
  await sleep(idleMs);
  const cpuAfter = cpuSeconds(watched);
  return startFigures(seconds, memoryBytes(watched), growth(cpuBefore, cpuAfter), idleMs / 1000);
}

/** The figures of one start. */
export function startFigures(
  seconds: number,
  memory: ReadonlyMap<string, number>,
  cpu: ReadonlyMap<string, number>,
  idleSeconds: number,
): StartFigures {
  const shares = [...cpu].map(([name, used]) => [name, used / idleSeconds] as const);
  return { seconds, memory: Object.fromEntries(memory), idleCpu: Object.fromEntries(shares) };
}

async function untilSaid(output: NodeJS.ReadableStream, wanted: RegExp): Promise<void> {
  const said: string[] = [];
  const lines = createInterface({ input: output });
  await new Promise<void>((done, fail) => {
    lines.on('line', (line) => {
      said.push(line);
      if (wanted.test(line)) done();
    });
    lines.once('close', () => fail(new Error(`npm start did not come up:\n${said.slice(-15).join('\n')}`)));
  });
}

/** As the launcher has noted them in its data folder. */
function processesOf(dataDir: string, launcherPid: number | undefined): Watched {
  const file = join(dataDir, 'pids.json');
  const note = readNote<Note>(file) ?? { processes: [] };
  const pids = new Map(note.processes.map(({ name, pid }) => [name, pid] as const));
  const postgres = pids.get('postgres');
  pids.delete('postgres');
  if (launcherPid !== undefined) pids.set('launcher', launcherPid);
  return { pids, postgres };
}

interface Note {
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

function outcomeOf(first: StartFigures, again: StartFigures): Outcome {
  const times = {
    title: 'Start: the launcher to all processes ready, installed and built; seconds',
    columns: ['data folder', 'seconds'],
    rows: [
      ['empty', first.seconds],
      ['with data', again.seconds],
    ],
  };
  const names = Object.keys(again.memory);
  const sum = (values: Readonly<Record<string, number>>) =>
    Object.values(values).reduce((total, each) => total + each, 0);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const idle = {
    title: 'Start: the idle fleet',
    columns: ['process', 'memory MB', 'CPU'],
    rows: [
      ...names.map((name) => [name, (again.memory[name] ?? 0) / 1e6, percent(again.idleCpu[name] ?? 0)]),
      ['all', sum(again.memory) / 1e6, percent(sum(again.idleCpu))],
    ],
  };
  return { tables: names.length > 0 ? [times, idle] : [times], figures: { first, again } };
}
