import { rmSync } from 'node:fs';
import { processIdentity } from '../infrastructure/process-identity';
import { endStranger } from '../infrastructure/stranger';
import { readNote, writeNote } from './note-file';

/** A process as it is noted in the data folder; `identity` tells it from a later one with the same pid. */
interface NotedProcess {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
}

interface Note {
  readonly launcher?: NotedProcess;
  readonly processes: readonly NotedProcess[];
}

/**
 * The note of what runs on a data folder (`pids.json`). It lets a launcher see that another one is at work, and lets
 * the launcher after one that was killed end what that one left behind.
 */
export class RunningProcesses {
  /** Asking for an identity starts a program on some systems, so each is asked for once. */
  private readonly identities = new Map<number, string>();

  constructor(private readonly file: string) {}

  /** The pid of the launcher that is at work on this data folder, other than this process. */
  otherLauncher(): number | undefined {
    const launcher = this.read().launcher;
    return launcher !== undefined && launcher.pid !== process.pid && isRunning(launcher)
      ? launcher.pid
      : undefined;
  }

  /**
   * Notes this process as the launcher, beside what another one has left running, unless one is at work.
   * @returns the pid of the launcher that is
   */
  claim(): number | undefined {
    const other = this.otherLauncher();
    if (other !== undefined) return other;
    const [launcher] = this.noted('launcher', process.pid);
    this.write({ launcher, processes: this.read().processes });
    // Of two that come at once, the last one has it.
    return this.otherLauncher();
  }

  /** Notes this process as the launcher, with the given processes by name. */
  note(pids: Readonly<Record<string, number | undefined>>): void {
    const processes = Object.entries(pids).flatMap(([name, pid]) =>
      pid === undefined ? [] : this.noted(name, pid),
    );
    const [launcher] = this.noted('launcher', process.pid);
    this.forgetAllBut(new Set([process.pid, ...processes.map(({ pid }) => pid)]));
    this.write({ launcher, processes });
  }

  /** Notes that nothing runs. */
  clear(): void {
    rmSync(this.file, { force: true });
  }

  /**
   * Ends what an earlier launcher left running: services and relays first, then the broker, the database last.
   * Returns the names of what was ended.
   */
  async endLeftovers(): Promise<string[]> {
    const left = this.read().processes.filter(isRunning);
    const infrastructure = ['nats', 'postgres'];
    await Promise.all(
      left.filter(({ name }) => !infrastructure.includes(name)).map(({ pid }) => endStranger(pid, 'SIGTERM')),
    );
    for (const name of infrastructure) {
      const found = left.filter((it) => it.name === name);
      await Promise.all(found.map((it) => endStranger(it.pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM')));
    }
    return left.map(({ name }) => name);
  }

  private write(note: Note): void {
    writeNote(this.file, note);
  }

  private read(): Note {
    try {
      return readNote<Note>(this.file) ?? { processes: [] };
    } catch {
      return { processes: [] };
    }
  }

  private noted(name: string, pid: number): NotedProcess[] {
    const identity = this.identities.get(pid) ?? processIdentity(pid);
    if (identity === undefined) return [];
    this.identities.set(pid, identity);
    return [{ name, pid, identity }];
  }

  private forgetAllBut(pids: ReadonlySet<number>): void {
    for (const pid of this.identities.keys()) if (!pids.has(pid)) this.identities.delete(pid);
  }
}

function isRunning({ pid, identity }: NotedProcess): boolean {
  return processIdentity(pid) === identity;
}
