import type { AggregateType, DomainEvent } from '../domain';
import type { EventStream } from '../event-sourcing';

/** An aggregate as a unit of work sees it now: what was loaded plus what was decided since. */
export interface LoadedAggregate {
  version: number;
  state: unknown;
  /** It is as this process left it, and may have been changed by another since. An event that is appended to it proves that it was not: its version would be taken. */
  isRemembered: boolean;
}

/** Rebuilds an aggregate from what is stored of it, if anything is. */
export function rebuild<State, Event extends DomainEvent>(
  type: AggregateType<State, Event>,
  stream: EventStream | undefined,
): LoadedAggregate {
  let state = (stream?.snapshot?.state as State | undefined) ?? type.initial;
  let version = stream?.snapshot?.version ?? 0;
  for (const event of stream?.events ?? []) {
    // What the store holds was written by this type; `evolve` ends in `unreachable` for anything else.
    state = type.evolve(state, { type: event.type, data: event.data } as Event);
    version = event.version;
  }
  return { version, state, isRemembered: false };
}
