import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databases, rolesOf } from '../infrastructure/databases';
import { findNatsServer } from '../infrastructure/nats-binary';
import { startNats } from '../infrastructure/nats';
import { startPostgres } from '../infrastructure/postgres';
import { provisionDatabases } from '../infrastructure/provision';
import type { ServerProcess } from '../infrastructure/server-process';
import { lastLines } from '../infrastructure/server-process';
import type { FleetOptions } from './fleet-options';
import type { PortMap } from './fleet-ports';
import { allFreePorts, fixedPorts } from './fleet-ports';
import type { Member } from './members';
import { environmentOf, membersOf, namesOf } from './members';
import { processes } from './processes';
import { askReadiness } from './readiness';
import { RunningProcesses } from './running-processes';
import type { Secrets } from './secrets';
import { loadSecrets } from './secrets';
import { launchService } from './service-process';
import { Supervised } from './supervisor';

export type { FleetOptions } from './fleet-options';

/** A process that ends this often before it was ready once will not get better by itself. */
const endsBeforeGivingUp = 3;

/** What a process gets on top of its own time limit before it is killed, in milliseconds. */
const killDelayMs = 2_000;

/**
 * All processes of FTGO with their database and broker, on this machine, without Docker. Whatever ends is started
 * again until the fleet is stopped. Names are those of the process table, `<id>-2` and so on for replicas, `postgres`
 * and `nats`.
 */
export class Fleet {
  readonly dataDir: string;
  private readonly note: RunningProcesses;
  private readonly supervised = new Map<string, Supervised>();
  /** Pids of database and broker while they are not ready yet. */
  private readonly starting = new Map<string, number>();
  private takenDataFolder = false;
  private secrets: Secrets = { superuser: '', roles: {} };
  private ports: PortMap = {};
  private started: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;
  private all: readonly Member[] = [];

  constructor(private readonly options: FleetOptions) {
    this.dataDir = resolve(options.dataDir);
    this.note = new RunningProcesses(join(this.dataDir, 'pids.json'));
  }

  /** The services and relays, known once the fleet was started. */
  get members(): readonly Member[] {
    return this.all;
  }

  get natsUrl(): string {
    return `nats://127.0.0.1:${this.portOf('nats')}`;
  }

  /** Connects to the database `postgres` as superuser. */
  get adminUrl(): string {
    return this.connection('postgres', this.secrets.superuser, 'postgres');
  }

  /** Connects as the role, the database's owner if none is given. */
  databaseUrl(database: string, role = database): string {
    return this.connection(role, this.secrets.roles[role] ?? '', database);
  }

  /** Where a process answers, without a slash at the end. */
  url(name: string): string {
    return this.member(name).url;
  }

  pid(name: string): number | undefined {
    return this.supervisedAs(name).pid;
  }

  logFile(name: string): string {
    return join(this.dataDir, 'logs', `${name}.log`);
  }

  /**
   * Starts everything and waits until every process is ready.
   *
   * @throws Error for people, with the last log lines of what failed; nothing is left running then
   */
  async start(): Promise<void> {
    this.stopped = undefined;
    this.started = this.bringUp();
    try {
      await this.started;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends services and relays, then the broker, then the database, each in its orderly way; nothing is left running. */
  stop(): Promise<void> {
    this.stopped ??= this.bringDown();
    return this.stopped;
  }

  /** Kills everything at once and does not wait. */
  abandon(): void {
    for (const supervised of this.supervised.values()) supervised.abandon();
  }

  /** Sends a signal, SIGKILL if none is given; a process that ends of it is started again. */
  kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.supervisedAs(name).kill(signal);
  }

  /** Ends one process and leaves it ended until {@link startProcess}. */
  async stopProcess(name: string): Promise<void> {
    await this.supervisedAs(name).stop();
  }

  /** Starts a process again that {@link stopProcess} has ended. A service or relay is not ready yet when this resolves. */
  async startProcess(name: string): Promise<void> {
    await this.supervisedAs(name).start();
  }

  /** Waits until a process, or every one, is ready. */
  async untilReady(name?: string): Promise<void> {
    const members = name === undefined ? this.all : [this.member(name)];
    const deadline = Date.now() + (this.options.readyTimeoutMs ?? 120_000);
    await Promise.all(members.map((member) => this.memberReady(member, deadline)));
  }

  private async bringUp(): Promise<void> {
    await this.takeDataFolder();
    await this.lookAround();
    await this.startInfrastructure();
    await this.startMembers();
  }

  /** Root's files are closed to the user PostgreSQL runs as, who must get through this folder to the data. */
  private async takeDataFolder(): Promise<void> {
    mkdirSync(join(this.dataDir, 'logs'), { recursive: true });
    if (process.getuid?.() === 0) chmodSync(this.dataDir, 0o711);
    const other = this.note.otherLauncher();
    if (other !== undefined)
      throw new Error(`the fleet of ${this.dataDir} is already running, launched by pid ${other}`);
    const ended = await this.note.endLeftovers();
    if (ended.length > 0) this.report(`ended what an earlier launcher had left running: ${ended.join(', ')}`);
    this.note.note({});
    this.takenDataFolder = true;
  }

  /** Finds ports, passwords and entry points before anything runs. */
  private async lookAround(): Promise<void> {
    const definitions = this.options.processes ?? processes;
    const replicas = this.options.replicas ?? {};
    const { ports } = this.options;
    const names = ['postgres', 'nats', ...namesOf(definitions, replicas).map(({ name }) => name)];
    this.ports =
      ports === 'free'
        ? await allFreePorts(names)
        : await fixedPorts(definitions, replicas, ports ?? {}, join(this.dataDir, 'ports.json'));
    this.secrets = loadSecrets(join(this.dataDir, 'secrets.json'), rolesOf(databases));
    this.all = membersOf(
      definitions,
      replicas,
      (name) => this.portOf(name),
      (name) => this.logFile(name),
    );
    const missing = this.all.find((member) => !existsSync(this.entryOf(member)));
    if (missing !== undefined)
      throw new Error(`${missing.name} is not built: ${this.entryOf(missing)} is missing`);
  }

  private async startInfrastructure(): Promise<void> {
    const executable = await findNatsServer({ onProgress: (line) => this.progress(line) });
    const postgres = this.supervise('postgres', () =>
      startPostgres({
        dataDir: join(this.dataDir, 'postgres'),
        port: this.portOf('postgres'),
        password: this.secrets.superuser,
        logFile: this.logFile('postgres'),
        settings: this.options.postgresSettings,
        onSpawn: (pid) => this.noteStarting('postgres', pid),
      }),
    );
    const nats = this.supervise('nats', () =>
      startNats({
        storeDir: join(this.dataDir, 'nats'),
        port: this.portOf('nats'),
        logFile: this.logFile('nats'),
        executable,
        onSpawn: (pid) => this.noteStarting('nats', pid),
      }),
    );
    const starts = [
      nats.start().then(() => this.progress(`NATS listens on 127.0.0.1:${this.portOf('nats')}`)),
      postgres
        .start()
        .then(() => this.progress(`PostgreSQL listens on 127.0.0.1:${this.portOf('postgres')}`)),
    ];
    for (const outcome of await Promise.allSettled(starts))
      if (outcome.status === 'rejected') throw outcome.reason;
    await provisionDatabases({
      adminUrl: this.adminUrl,
      passwordFor: (role) => this.secrets.roles[role] ?? '',
    });
    this.progress(`databases: ${databases.map(({ database }) => database).join(', ')}`);
  }

  private async startMembers(): Promise<void> {
    this.assertNotStopped();
    await Promise.all(
      this.all.map((member) => this.supervise(member.name, () => this.launch(member)).start()),
    );
    let ready = 0;
    const deadline = Date.now() + (this.options.readyTimeoutMs ?? 120_000);
    await Promise.all(
      this.all.map(async (member) => {
        await this.memberReady(member, deadline);
        ready += 1;
        this.progress(`${member.name} is ready (${ready} of ${this.all.length})`);
      }),
    );
  }

  private launch(member: Member) {
    const shutdownTimeoutMs = this.options.shutdownTimeoutMs ?? 10_000;
    const env = environmentOf(member, {
      databaseUrl: (database, role) => this.databaseUrl(database, role),
      natsUrl: this.natsUrl,
      dataDir: this.dataDir,
      shutdownTimeoutMs,
      env: this.options.env ?? {},
      envFor: this.options.envFor ?? {},
    });
    const graceMs = shutdownTimeoutMs + killDelayMs;
    const [entry, cwd] = [this.entryOf(member), this.repository()];
    return launchService({ entry, cwd, env, logFile: member.logFile, graceMs });
  }

  private async memberReady(member: Member, deadline: number): Promise<void> {
    for (;;) {
      this.assertNotStopped();
      const { ready, answer } = await askReadiness(member.url);
      if (ready) return;
      const { unexpectedEnds } = this.supervisedAs(member.name);
      if (unexpectedEnds >= endsBeforeGivingUp) throw this.notReady(member, 'keeps ending');
      if (Date.now() > deadline) throw this.notReady(member, `is not ready: ${answer}`);
      await sleep(100);
    }
  }

  private notReady({ name, logFile }: Member, what: string): Error {
    return new Error(`${name} ${what}; its log is ${logFile}\n  ${lastLines(logFile).join('\n  ')}`);
  }

  private async bringDown(): Promise<void> {
    await this.started?.catch(() => undefined);
    const infrastructure = ['nats', 'postgres'];
    const members = [...this.supervised.keys()].filter((name) => !infrastructure.includes(name));
    await Promise.all(members.map((name) => this.stopProcess(name)));
    for (const name of infrastructure) await this.supervised.get(name)?.stop();
    this.supervised.clear();
    if (this.takenDataFolder) this.note.clear();
    this.takenDataFolder = false;
  }

  private assertNotStopped(): void {
    if (this.stopped !== undefined) throw new Error('the fleet was stopped');
  }

  private supervise(name: string, launch: () => Promise<ServerProcess>): Supervised {
    const events = { report: (line: string) => this.report(line), changed: () => this.noteRunning() };
    const started = () => launch().finally(() => this.starting.delete(name));
    const supervised = new Supervised(name, started, events, this.options.backOff);
    this.supervised.set(name, supervised);
    return supervised;
  }

  private noteStarting(name: string, pid: number): void {
    this.starting.set(name, pid);
    this.noteRunning();
  }

  private noteRunning(): void {
    const pids = [...this.supervised].map(
      ([name, { pid }]) => [name, pid ?? this.starting.get(name)] as const,
    );
    this.note.note(Object.fromEntries(pids));
  }

  private connection(role: string, password: string, database: string): string {
    return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${this.portOf('postgres')}/${database}`;
  }

  private repository(): string {
    return this.options.repository ?? resolve(__dirname, '..', '..', '..');
  }

  private entryOf({ definition }: Member): string {
    return resolve(this.repository(), definition.entry);
  }

  private member(name: string): Member {
    return found(
      name,
      this.all.find((member) => member.name === name),
    );
  }

  private supervisedAs(name: string): Supervised {
    return found(name, this.supervised.get(name));
  }

  private portOf(name: string): number {
    return found(name, this.ports[name]);
  }

  private progress(line: string): void {
    this.options.onProgress?.(line);
  }

  private report(line: string): void {
    this.options.onReport?.(line);
  }
}

function found<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`the fleet has no "${name}", or was not started`);
  return value;
}
