/** An event as the domain writes it: a stored name (a string literal, never a class name) and plain JSON data. */
export interface DomainEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
}

/** What the event store must know of an event-sourced aggregate; the decisions are plain functions beside it. */
export interface AggregateType<State, Event extends DomainEvent> {
  /** Stored name and, for published events, the channel: e.g. `orderservice.Order`. */
  readonly name: string;
  /** The state before the first event. */
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
  /** Names of the events that other services may see; all others only rebuild the aggregate. */
  readonly published: ReadonlySet<string>;
  /** Increase it when the shape of the state changes: older snapshots are then ignored. */
  readonly snapshotVersion: number;
}

/** Folds events into a state; what every load and every domain spec does. */
export const replay = <State, Event extends DomainEvent>(
  type: Pick<AggregateType<State, Event>, 'initial' | 'evolve'>,
  events: readonly Event[],
): State => events.reduce<State>((state, event) => type.evolve(state, event), type.initial);
