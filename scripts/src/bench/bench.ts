import { writeFileSync } from 'node:fs';
import type { Extent, ScenarioName } from './command';
import { lookAtMachine, lookAtMemory, memoryTable, type Machine, type MemorySpeed } from './machine';
import type { Bench, Outcome, Scenario } from './scenario';
import { atRest } from './scenarios/at-rest';
import { ceiling } from './scenarios/ceiling';
import { growth } from './scenarios/growth';
import { mixed } from './scenarios/mixed';
import { overload } from './scenarios/overload';
import { relayAlone } from './scenarios/relay';
import { replayLost } from './scenarios/replay';
import { soak } from './scenarios/soak';
import { start } from './scenarios/start';
import { measureLevel, throughput, topOf, type LevelFigures } from './scenarios/throughput';
import { startLoadedSite, type LoadedSite } from './site';
import { renderTable, type Table } from './table';

const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  start,
  'at-rest': atRest,
  throughput,
  ceiling,
  mixed,
  overload,
  relay: relayAlone,
  replay: replayLost,
  soak,
  growth,
};

/** What a scenario came to: its figures, or why there are none. */
type Result = { readonly outcome: Outcome } | { readonly failure: string };

/** What {@link Benchmark} is told. */
export interface BenchmarkOptions {
  readonly only: readonly ScenarioName[];
  readonly extent: Extent;
  readonly quick: boolean;
  /** Where the figures go. */
  readonly json: string;
  readonly print: (text: string) => void;
}

/** Runs scenarios one after the other, on one fleet at a time. */
export class Benchmark implements Bench {
  readonly extent: Extent;
  private site: { readonly isShared: boolean; readonly started: Promise<LoadedSite> } | undefined;
  private levels: readonly LevelFigures[] = [];
  private readonly memory = new Map<ScenarioName, MemorySpeed>();
  private running = '';
  private stopped = false;
  private readonly cleanUps = new Set<() => Promise<void>>();

  constructor(private readonly options: BenchmarkOptions) {
    this.extent = options.extent;
  }

  /** Ends whatever fleet runs, and lets none begin: what was found so far is lost. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.noSite();
    for (const cleanUp of this.cleanUps) {
      this.cleanUps.delete(cleanUp);
      await cleanUp().catch((error: unknown) => this.log(reasonOf(error)));
    }
  }

  /** Runs, prints and writes everything. @returns how many scenarios failed or found what must not be */
  async run(): Promise<number> {
    const machine = await lookAtMachine();
    const results = new Map<ScenarioName, Result>();
    try {
      for (const name of this.options.only) results.set(name, await this.runOne(name));
    } finally {
      await this.noSite();
    }
    if (this.stopped) return results.size;
    this.write(machine, results);
    this.print(machine, results);
    return [...results.values()].filter((result) => !isGood(result)).length;
  }

  log(line: string): void {
    this.options.print(`${new Date().toISOString().slice(11, 19)}  ${this.running}: ${line}`);
  }

  async sharedSite(): Promise<LoadedSite> {
    return this.site?.isShared ? this.site.started : this.newSite({ isShared: true });
  }

  ownSite(): Promise<LoadedSite> {
    return this.newSite({ isShared: false });
  }

  async noSite(): Promise<void> {
    const { site } = this;
    this.site = undefined;
    await site?.started
      .then((started) => started.stop())
      .catch((error: unknown) => this.log(reasonOf(error)));
  }

  async cleaningUp<T>(cleanUp: () => Promise<void>, work: () => Promise<T>): Promise<T> {
    this.cleanUps.add(cleanUp);
    try {
      return await work();
    } finally {
      if (this.cleanUps.delete(cleanUp)) await cleanUp();
    }
  }

  async top(): Promise<LevelFigures> {
    if (this.levels.length === 0) {
      const inFlight = 32;
      this.log(`throughput is not known yet: ${inFlight} in flight for ${this.extent.seconds} s`);
      this.found([await measureLevel(await this.sharedSite(), this.extent, inFlight)]);
    }
    const top = topOf(this.levels);
    if (top === undefined || top.approvedPerSecond === 0) throw new Error('no order was approved');
    return top;
  }

  found(levels: readonly LevelFigures[]): void {
    this.levels = levels;
  }

  private async runOne(name: ScenarioName): Promise<Result> {
    this.running = name;
    if (this.stopped) return { failure: 'stopped' };
    this.log('begins');
    this.memory.set(name, lookAtMemory());
    try {
      return { outcome: await scenarios[name](this) };
    } catch (error) {
      // The next one gets a new fleet: what this one has left behind may be in its way.
      this.log(`failed: ${reasonOf(error)}`);
      await this.noSite();
      return { failure: reasonOf(error) };
    }
  }

  private async newSite({ isShared }: { readonly isShared: boolean }): Promise<LoadedSite> {
    await this.noSite();
    if (this.stopped) throw new Error('stopped');
    this.log('starting a fleet with empty data');
    const started = startLoadedSite((line) => this.log(`! ${line}`));
    this.site = { isShared, started };
    return started;
  }

  private write(machine: Machine, results: ReadonlyMap<ScenarioName, Result>): void {
    const { json, extent, quick } = this.options;
    const found = [...results].map(([name, result]) => [
      name,
      'outcome' in result ? result.outcome.figures : result,
    ]);
    const report = {
      at: new Date().toISOString(),
      machine,
      memory: Object.fromEntries(this.memory),
      quick,
      extent,
      scenarios: Object.fromEntries(found) as unknown,
    };
    writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  }

  private print(machine: Machine, results: ReadonlyMap<ScenarioName, Result>): void {
    const { print, quick, json } = this.options;
    const tables = [...results].flatMap(([name, result]): readonly Table[] =>
      'outcome' in result
        ? result.outcome.tables
        : [{ title: `${name}: failed`, columns: ['why'], rows: [[result.failure]] }],
    );
    for (const table of [...tables, memoryTable(this.memory)]) print(`\n${renderTable(table)}`);
    print(
      `\n${machine.cores} cores of ${machine.cpu}, ${(machine.memoryBytes / 1e9).toFixed(0)} GB, ${machine.system}`,
    );
    print(
      `Node.js ${machine.node}, PostgreSQL ${machine.postgres}, NATS ${machine.nats}; load before: ${machine.loadBefore.toFixed(1)}`,
    );
    if (quick) print('Short versions of everything: to see that it works, not for its figures.');
    print(`figures: ${json}`);
  }
}

const isGood = (result: Result): boolean =>
  'outcome' in result && (result.outcome.findings ?? []).length === 0;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
