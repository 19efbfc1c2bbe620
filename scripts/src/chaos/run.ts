import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { removePostgresData } from '../infrastructure/postgres';
import { aftermath, leakedProcesses } from './aftermath';
import { chaosFleet } from './chaos-fleet';
import { Client } from './client';
import { defectNamed, type Defect } from './defects';
import { faultKind, faultKinds, type FaultKind } from './faults';
import { Journal } from './journal';
import type { ChaosOptions } from './options';
import { processesMentioning } from './process-tree';
import { Random } from './random';
import { clock, findingsOf, type ChaosReport } from './report';
import type { Scene } from './scene';
import { Storm } from './storm';
import { Traffic } from './traffic';
import { makeWorld } from './world';

/** How long things may take before they count as hanging, in milliseconds. A planted defect makes some hang, so it gets less. */
const normalPatience = { request: 120_000, story: 240_000, quiet: 300_000 };
const patienceWithDefect = { request: 30_000, story: 30_000, quiet: 45_000 };

const PROGRESS_INTERVAL = 5_000;

/** One run, from an empty data folder to an audited one. */
export class ChaosRun {
  private readonly begun = Date.now();
  private readonly journal = new Journal();
  private readonly random: Random;
  private readonly defect: Defect | undefined;
  private readonly patience: typeof normalPatience;
  private readonly interruption = new AbortController();
  private scene: Scene | undefined;

  constructor(
    private readonly options: ChaosOptions,
    private readonly print: (line: string) => void,
  ) {
    this.random = new Random(options.seed);
    this.defect = options.defect === undefined ? undefined : defectNamed(options.defect);
    this.patience = this.defect === undefined ? normalPatience : patienceWithDefect;
  }

  /** Ends the run early: without an audit, and with nothing left running. */
  interrupt(): void {
    this.interruption.abort(new Error('interrupted'));
  }

  /** Kills everything at once and does not wait: for an end that nobody foresaw. */
  abandon(): void {
    this.scene?.fleet.abandon();
  }

  /** @throws Error when the fleet does not start, or the run was interrupted; nothing is left running then */
  async run(): Promise<ChaosReport> {
    const dataDir = resolve(this.options.dataDir ?? mkdtempSync(join(tmpdir(), 'ftgo-chaos-')));
    const before = new Set(processesMentioning(dataDir).map(({ pid }) => pid));
    const scene = (this.scene = await chaosFleet(dataDir, this.defect));
    this.say(`seed ${this.options.seed}; starting a fleet in ${dataDir}`);
    let report: ChaosReport | undefined;
    try {
      await scene.fleet.start();
      report = await this.stormAndAudit(scene);
    } finally {
      await scene.fleet.stop();
      await scene.broker.close();
      const leaked = leakedProcesses(dataDir, before);
      if (report !== undefined) report = { ...report, results: [...report.results, leaked] };
      this.tidyUp(dataDir, report);
    }
    return report;
  }

  private async stormAndAudit(scene: Scene): Promise<ChaosReport> {
    const { journal, random, options, patience } = this;
    const client = new Client(scene.fleet, random.fork(), patience.request);
    const world = await makeWorld(client, journal);
    const storm = new Storm({
      scene,
      random: random.fork(),
      kinds: this.kinds(),
      pace: options.pace * 1000,
      onFault: (line) => this.say(`  ${line}`),
    });
    const stage = { world, client, journal, patience: patience.story };
    const { rate, inFlight } = options;
    const traffic = new Traffic({ stage, random: random.fork(), rate, inFlight });
    await this.weather(traffic, storm);
    const { results, messages } = await aftermath(scene, {
      client,
      journal,
      patience: patience.quiet,
      say: (line) => this.say(line),
    });
    const seconds = (Date.now() - this.begun) / 1000;
    const [orders, stories] = [journal.orders.length, traffic.started];
    return { seed: options.seed, seconds, orders, stories, messages, faults: storm.done, results };
  }

  /** Traffic and storm side by side until both have done what was asked for; then the storm ends, and after it the stories do. */
  private async weather(traffic: Traffic, storm: Storm): Promise<void> {
    const { orders, faults, minutes } = this.options;
    const { signal } = this.interruption;
    const deadline = minutes === undefined ? Infinity : Date.now() + minutes * 60_000;
    const isEnough = () =>
      signal.aborted ||
      Date.now() > deadline ||
      (this.journal.orders.length >= orders && (storm.done.length >= faults || !storm.hasFaults));
    const progress = setInterval(() => this.say(this.progressOf(traffic, storm)), PROGRESS_INTERVAL);
    try {
      await Promise.all([traffic.flow(isEnough), storm.rage(isEnough)]);
      await storm.calmed();
      signal.throwIfAborted();
      this.say('the storm is over; the stories under way end');
      await traffic.ended();
    } finally {
      storm.stop();
      await storm.calmed();
      clearInterval(progress);
    }
  }

  private kinds(): readonly FaultKind[] {
    const { defect } = this;
    if (defect === undefined) return faultKinds;
    const { targets } = defect;
    return defect.faults
      .map(faultKind)
      .map((kind) => ({ ...kind, targets: (scene) => targets ?? kind.targets(scene) }));
  }

  private progressOf(traffic: Traffic, storm: Storm): string {
    const { orders, faults } = this.options;
    const { journal } = this;
    const now = storm.targets.length === 0 ? '' : `; now: ${storm.targets.join(', ')}`;
    const abandoned = journal.abandoned === 0 ? '' : `, ${journal.abandoned} clients gave up`;
    return (
      `${journal.orders.length} of ${orders} orders (${traffic.unfinished} stories under way${abandoned}), ` +
      `${storm.done.length} of ${faults} faults${now}`
    );
  }

  private say(line: string): void {
    this.print(`[${clock((Date.now() - this.begun) / 1000)}] ${line}`);
  }

  /** Where something was found, data and logs are what explains it. */
  private tidyUp(dataDir: string, report: ChaosReport | undefined): void {
    const isFine = report !== undefined && (findingsOf(report) === 0 || this.defect !== undefined);
    const isUseless = isFine || this.interruption.signal.aborted;
    if (this.options.keep || !isUseless) return this.say(`data and logs are kept in ${dataDir}`);
    removePostgresData(join(dataDir, 'postgres'));
    rmSync(dataDir, { recursive: true, force: true });
  }
}
