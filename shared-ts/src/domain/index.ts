export { Rejection, conflict, notFound, unprocessable, type RejectionKind } from './rejection';
export { unreachable } from './unreachable';
export { replay, type AggregateType, type DomainEvent } from './aggregate';
