import type { Extent } from './command';
import type { LevelFigures } from './scenarios/throughput';
import type { LoadedSite } from './site';
import type { Table } from './table';

/** What a scenario works with. */
export interface Bench {
  readonly extent: Extent;
  /** A line of progress. */
  log(line: string): void;
  /** The fleet that most scenarios share, started when it is first asked for. */
  sharedSite(): Promise<LoadedSite>;
  /** A new fleet of the scenario's own, with empty data; the one before is ended first, so that nothing runs beside it. */
  ownSite(): Promise<LoadedSite>;
  /** Ends whatever fleet runs. */
  noSite(): Promise<void>;
  /** Does the work and then cleans up, once, also when the benchmark is stopped before the work is done. */
  cleaningUp<T>(cleanUp: () => Promise<void>, work: () => Promise<T>): Promise<T>;
  /** The best level of throughput on the shared fleet: measured already, or measured now. */
  top(): Promise<LevelFigures>;
  /** Keeps what {@link top} gives. */
  found(levels: readonly LevelFigures[]): void;
}

/** What a scenario has found: for people and for programs. */
export interface Outcome {
  readonly tables: readonly Table[];
  readonly figures: unknown;
  /** What must not be, a line each; the bench fails if there is any. */
  readonly findings?: readonly string[];
}

export type Scenario = (bench: Bench) => Promise<Outcome>;
