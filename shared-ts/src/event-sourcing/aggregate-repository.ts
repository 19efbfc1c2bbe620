import type { DomainEvent } from '../domain';

/** An aggregate at the version it was loaded at; version 0 is one that does not exist yet. */
export interface Loaded<State> {
  readonly id: string;
  readonly version: number;
  readonly state: State;
}

/** An aggregate after a decision. */
export interface Updated<State, Event extends DomainEvent> extends Loaded<State> {
  /** What was decided. */
  readonly events: readonly Event[];
}

/** Values, each of which may still be on its way. */
export type Awaitable<Values extends readonly unknown[]> = {
  readonly [Index in keyof Values]: Values[Index] | Promise<Values[Index]>;
};

/** The port that commands and queries use for an event-sourced aggregate. */
export interface AggregateRepository<State, Event extends DomainEvent> {
  /** Gives the aggregate, or version 0 with the initial state when nothing is stored under the id. */
  load(id: string): Promise<Loaded<State>>;
  /**
   * Loads, decides and keeps the events; those the type publishes go to the outbox too. What `decide` throws comes through and nothing is
   * kept. Deciding on nothing (an empty list) is how an aggregate says that it has done this before.
   * @param decide a decision of the domain
   * @param given what it decides on, besides the state; what is still being loaded comes side by side with the aggregate, in one round trip
   * @returns the aggregate after the events
   */
  update<Given extends readonly unknown[]>(
    id: string,
    decide: (state: State, ...given: Given) => readonly Event[],
    ...given: Awaitable<Given>
  ): Promise<Updated<State, Event>>;
}
