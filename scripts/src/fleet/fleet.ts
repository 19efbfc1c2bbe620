import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { databases, rolesOf } from '../infrastructure/databases';
import { brokerUserNames } from '../infrastructure/broker-users';
import { findNatsServer } from '../infrastructure/nats-binary';
import { socketFolder } from '../infrastructure/postgres-socket';
import { provisionDatabases, provisionStream } from '../infrastructure/provision';
import type { ServerProcess } from '../infrastructure/server-process';
import { sendSignal } from '../infrastructure/stranger';
import { Addresses } from './addresses';
import { takeDataFolder } from './data-folder';
import type { FleetOptions } from './fleet-options';
import { allFreePorts, fixedPorts, notePorts } from './fleet-ports';
import type { Place } from './infrastructure-launchers';
import { launchNats, launchPostgres } from './infrastructure-launchers';
import type { Member } from './members';
import { environmentOf, membersOf, namesOf } from './members';
import { processes } from './processes';
import { untilReady } from './readiness';
import { RunningProcesses } from './running-processes';
import type { Secrets } from './secrets';
import { loadSecrets } from './secrets';
import { launchService } from './service-process';
import { Supervised } from './supervisor';

export type { FleetOptions } from './fleet-options';

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
  private secrets: Secrets = { superuser: '', roles: {}, brokerUsers: {} };
  private addresses = new Addresses({}, this.secrets);
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

  /** Connects to the broker as its operator, who may do everything. */
  get natsUrl(): string {
    return this.addresses.natsUrl;
  }

  /** Connects to the database `postgres` as superuser, by TCP as every tool can. */
  get adminUrl(): string {
    return this.addresses.adminUrl;
  }

  /** Connects as the role, the database's owner if none is given, by the Unix socket if there is one. */
  databaseUrl(database: string, role = database): string {
    return this.addresses.databaseUrl(database, role);
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
    for (const pid of this.starting.values()) sendSignal(pid, 'SIGKILL');
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
    await this.startEverything();
    await this.untilAllReady();
  }

  private async takeDataFolder(): Promise<void> {
    const ended = await takeDataFolder(this.dataDir, this.note);
    this.takenDataFolder = true;
    if (ended.length > 0) this.report(`ended what an earlier launcher had left running: ${ended.join(', ')}`);
  }

  /** Finds ports, passwords and entry points before anything runs. */
  private async lookAround(): Promise<void> {
    const definitions = this.options.processes ?? processes;
    const replicas = this.options.replicas ?? {};
    const names = ['postgres', 'nats', ...namesOf(definitions, replicas).map(({ name }) => name)];
    const ports =
      this.options.ports === 'free'
        ? await allFreePorts(names)
        : await fixedPorts(definitions, replicas, this.options.ports ?? {}, join(this.dataDir, 'ports.json'));
    notePorts(this.dataDir, ports);
    this.secrets = loadSecrets(join(this.dataDir, 'secrets.json'), rolesOf(databases), brokerUserNames);
    const socket = socketFolder(join(this.dataDir, 'postgres'), ports['postgres'] ?? 0);
    this.addresses = new Addresses(ports, this.secrets, socket);
    this.all = membersOf(
      definitions,
      replicas,
      (name) => this.addresses.portOf(name),
      (name) => this.logFile(name),
    );
    const missing = this.all.find((member) => !existsSync(this.entryOf(member)));
    if (missing !== undefined)
      throw new Error(`${missing.name} is not built: ${this.entryOf(missing)} is missing`);
  }

  private async startEverything(): Promise<void> {
    const broker = this.startBroker();
    for (const outcome of await Promise.allSettled([broker, this.startDatabase(broker)])) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
    await this.startMembers(() => true);
  }

  private async startBroker(): Promise<void> {
    const executable = await findNatsServer({ onProgress: (line) => this.progress(line) });
    const watch = { url: this.natsUrl, report: (line: string) => this.report(line) };
    await this.startServer('nats', () =>
      launchNats(this.placeOf('nats'), this.secrets.brokerUsers, executable, watch),
    );
    await provisionStream(this.natsUrl);
  }

  /** To make a database is to wait for the disk, mostly: the processes of one load while the next is made. */
  private async startDatabase(broker: Promise<void>): Promise<void> {
    await this.startServer('postgres', () =>
      launchPostgres(this.placeOf('postgres'), this.secrets.superuser, {
        settings: this.options.postgresSettings,
        logSegments: this.options.logSegments,
      }),
    );
    await provisionDatabases({
      adminUrl: this.adminUrl,
      passwordFor: (role) => this.secrets.roles[role] ?? '',
      onProvisioned: async (database) => {
        await broker;
        await this.startMembers(({ definition }) => definition.database === database);
      },
    });
    this.progress(`databases: ${databases.map(({ database }) => database).join(', ')}`);
  }

  private async startServer(name: string, launch: () => Promise<ServerProcess>): Promise<void> {
    await this.supervise(name, launch).start();
    this.progress(`${name} listens on 127.0.0.1:${this.addresses.portOf(name)}`);
  }

  /** Starts those that are chosen and not started yet. */
  private async startMembers(isChosen: (member: Member) => boolean): Promise<void> {
    this.assertNotStopped();
    const chosen = this.all.filter((member) => isChosen(member) && !this.supervised.has(member.name));
    await Promise.all(chosen.map((member) => this.supervise(member.name, () => this.launch(member)).start()));
  }

  private async untilAllReady(): Promise<void> {
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

  private launch(member: Member): Promise<ServerProcess> {
    const { shutdownTimeoutMs = 10_000, env = {}, envFor = {} } = this.options;
    const { dataDir } = this;
    const databaseUrl = (database: string, role: string) => this.databaseUrl(database, role);
    const brokerUrl = (user: string) => this.addresses.brokerUrl(user, this.options.brokerPort);
    return launchService({
      entry: this.entryOf(member),
      cwd: this.repository(),
      env: environmentOf(member, { databaseUrl, brokerUrl, dataDir, shutdownTimeoutMs, env, envFor }),
      logFile: member.logFile,
      graceMs: shutdownTimeoutMs + killDelayMs,
    });
  }

  private memberReady({ name, url, logFile }: Member, deadline: number): Promise<void> {
    const ends = () => this.supervisedAs(name).unexpectedEnds;
    return untilReady({ name, url, logFile, deadline, ends, proceed: () => this.assertNotStopped() });
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

  private placeOf(name: 'postgres' | 'nats'): Place {
    const noteStart = (pid: number) => {
      this.starting.set(name, pid);
      this.noteRunning();
    };
    return {
      folder: join(this.dataDir, name),
      port: this.addresses.portOf(name),
      logFile: this.logFile(name),
      noteStart,
    };
  }

  /** The fleet can run on without its note, on a full disk for instance. */
  private noteRunning(): void {
    const pids = [...this.supervised].map(
      ([name, { pid }]) => [name, pid ?? this.starting.get(name)] as const,
    );
    try {
      this.note.note(Object.fromEntries(pids));
    } catch (error) {
      this.report(`cannot note what runs: ${String(error)}`);
    }
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
