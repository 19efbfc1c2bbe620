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
import { growth, summarise } from '../statistics';

const launcher = resolve(__dirname, '..', '..', '..', 'run.mjs');
/** The line with which `npm start` says that every process is ready. */
const allStarted = /^all started in /;
/** How long the fleet is left alone before and while its memory and CPU are looked at, in milliseconds. */
const settlingMs = 5_000;
const idleMs = 10_000;

/** Starts of everything. */
export interface StartFigures {
  /** Seconds from the launcher's start to all processes ready, with empty data folders. */
  readonly empty: readonly number[];
  /** The same, with the data that each of those made. */
  readonly withData: readonly number[];
  readonly idle: IdleFigures;
}

/** The fleet after its start. */
export interface IdleFigures {
  /** Bytes, by process, when nothing has been asked of the fleet. */
  readonly memory: Readonly<Record<string, number>>;
  /** Of one CPU, by process, in the same state. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** `npm start` on an installed and built checkout, several times: with an empty data folder, and again with the data it made. */
export const start: Scenario = async (bench) => {
  await bench.noSite();
  const { repeats } = bench.extent;
  const folder = await mkdtemp(join(tmpdir(), 'ftgo-bench-start-'));
  const dataDirs = Array.from({ length: repeats }, (_, turn) => join(folder, String(turn + 1)));
  const launched: Launched[] = [];
  let over = false;
  const cleanUp = async () => {
    over = true;
    for (const each of launched) await each.end();
    // Not before the last start: for minutes after so many files were deleted, ext4 looks long for the inode of a new one.
    for (const dataDir of dataDirs) removePostgresData(join(dataDir, 'postgres'));
    await rm(folder, { recursive: true, force: true });
  };
  /** Starts everything, says how long that took, and ends it, after a look at it where one is wanted. */
  const startOnce = async (dataDir: string, look?: (one: Launched) => Promise<void>): Promise<number> => {
    if (over) throw new Error('stopped');
    const one = launch(dataDir);
    launched.push(one);
    const seconds = await untilStarted(one);
    await look?.(one);
    await one.end();
    return seconds;
  };
  return bench.cleaningUp(cleanUp, async () => {
    const empty: number[] = [];
    const withData: number[] = [];
    let idle: IdleFigures = { memory: {}, cpu: {} };
    for (const [index, dataDir] of dataDirs.entries()) {
      bench.log(`an empty data folder, and the same again, turn ${index + 1} of ${repeats}`);
      empty.push(await startOnce(dataDir));
      const isLast = index === repeats - 1;
      const look = async (one: Launched) => void (idle = await watch(one, dataDir));
      withData.push(await startOnce(dataDir, isLast ? look : undefined));
    }
    return outcomeOf({ empty, withData, idle });
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

async function untilStarted({ startedAt, output }: Launched): Promise<number> {
  await untilSaid(output, allStarted);
  return (performance.now() - startedAt) / 1000;
}

async function watch({ pid }: Launched, dataDir: string): Promise<IdleFigures> {
  await sleep(settlingMs);
  const watched = { ...processesOf(dataDir, pid) };
  const cpuBefore = cpuSeconds(watched);
  await sleep(idleMs);
  const cpuAfter = cpuSeconds(watched);
  return idleFigures(memoryBytes(watched), growth(cpuBefore, cpuAfter), idleMs / 1000);
}

/** The figures of a fleet that was left alone for so many seconds. */
export function idleFigures(
  memory: ReadonlyMap<string, number>,
  cpu: ReadonlyMap<string, number>,
  seconds: number,
): IdleFigures {
  const shares = [...cpu].map(([name, used]) => [name, used / seconds] as const);
  return { memory: Object.fromEntries(memory), cpu: Object.fromEntries(shares) };
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

function outcomeOf(figures: StartFigures): Outcome {
  const { empty, withData, idle } = figures;
  const rowOf = (name: string, seconds: readonly number[]) => {
    const { p50, max } = summarise(seconds);
    return [name, p50, Math.min(...seconds), max];
  };
  const times = {
    title: 'Start: the launcher to all processes ready, installed and built; seconds',
    columns: ['data folder', 'median', 'fastest', 'slowest'],
    rows: [rowOf('empty', empty), rowOf('with data', withData)],
    notes: [`Of ${empty.length} each.`],
  };
  const names = Object.keys(idle.memory);
  const sum = (values: Readonly<Record<string, number>>) =>
    Object.values(values).reduce((total, each) => total + each, 0);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const idleTable = {
    title: 'Start: the idle fleet',
    columns: ['process', 'memory MB', 'CPU'],
    rows: [
      ...names.map((name) => [name, (idle.memory[name] ?? 0) / 1e6, percent(idle.cpu[name] ?? 0)]),
      ['all', sum(idle.memory) / 1e6, percent(sum(idle.cpu))],
    ],
  };
  return { tables: names.length > 0 ? [times, idleTable] : [times], figures };
}
