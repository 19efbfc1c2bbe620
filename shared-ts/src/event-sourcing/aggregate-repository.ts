import type { DomainEvent } from '../domain';

/** An aggregate at the version it was loaded at; version 0 is one that does not exist yet. */
export interface Loaded<State> {
  readonly id: string;
  readonly version: number;
  readonly state: State;
}

/** The port that commands and queries use for an event-sourced aggregate. */
export interface AggregateRepository<State, Event extends DomainEvent> {
  /** Gives the aggregate, or version 0 with the initial state when nothing is stored under the id. */
  load(id: string): Promise<Loaded<State>>;
  /**
   * Loads, decides and keeps the events; those the type publishes go to the outbox too. What `decide` throws comes through and nothing is
   * kept. Deciding on nothing (an empty list) is how an aggregate says that it has done this before.
   * @returns the aggregate after the events
   */
  update(id: string, decide: (state: State) => readonly Event[]): Promise<Loaded<State>>;
}
