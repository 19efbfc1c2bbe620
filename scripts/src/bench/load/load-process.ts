import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { V8_OPTIONS } from '../../fleet/service-process';
import type { Addresses } from './ftgo-client';
import type { Flood, FloodPlan, Load, Pace, Parties, Step, Timing, Window, Work } from './load';

/** A call from the bench to the load generator's process. */
export interface Call {
  readonly id: number;
  readonly method: keyof Load;
  readonly args: readonly unknown[];
}

/** The answer to a call; the answer to call 0, which nobody has made, says that the process is ready. */
export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A load generator in a process of its own, so that it neither waits for the bench nor is counted as part of it. */
export class LoadProcess implements Load {
  private readonly pending = new Map<number, Pending>();
  private lastCall = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => this.settle(reply));
    child.once('exit', (code) => {
      const error = new Error(`the load generator ended with exit code ${code}`);
      for (const pending of this.pending.values()) pending.reject(error);
      this.pending.clear();
    });
  }

  static async start(addresses: Addresses): Promise<LoadProcess> {
    // Not as an argument, which everybody on the machine can read: there is a password in it.
    const env = { ...process.env, FTGO_ADDRESSES: JSON.stringify(addresses) };
    const child = fork(join(__dirname, 'main.js'), { execArgv: V8_OPTIONS, env });
    const load = new LoadProcess(child);
    await new Promise<unknown>((resolve, reject) => load.pending.set(0, { resolve, reject }));
    return load;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await exited;
  }

  prepare(consumers: number, restaurants: number) {
    return this.call<Parties>('prepare', consumers, restaurants);
  }

  use(parties: Parties) {
    return this.call<void>('use', parties);
  }

  begin(work: Work, pace: Pace) {
    return this.call<void>('begin', work, pace);
  }

  window(seconds: number) {
    return this.call<Window>('window', seconds);
  }

  end() {
    return this.call<void>('end');
  }

  sequence(step: Step, count: number, pauseMs: number) {
    return this.call<readonly Timing[]>('sequence', step, count, pauseMs);
  }

  flood(plan: FloodPlan) {
    return this.call<Flood>('flood', plan);
  }

  courier(id: string) {
    return this.call<void>('courier', id);
  }

  states(orderId: string) {
    return this.call<readonly (string | undefined)[]>('states', orderId);
  }

  private call<T>(method: keyof Load, ...args: readonly unknown[]): Promise<T> {
    const id = (this.lastCall += 1);
    const call: Call = { id, method, args };
    return new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve: (result) => resolve(result as T), reject });
      this.child.send(call, (error) => {
        if (error !== null && this.pending.delete(id)) reject(error);
      });
    });
  }

  private settle({ id, result, error }: Reply): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  }
}
