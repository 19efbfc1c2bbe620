/**
 * What kind of "no" a rejection is. The domain does not know HTTP; the web edge maps these to 404, 409 and 422,
 * the message edge to a failure reply.
 */
export type RejectionKind = 'not-found' | 'conflict' | 'unprocessable';

/**
 * A normal, expected refusal: the request was understood, and the rules of the business say no.
 * Anything else that is thrown is a fault, which answers 500 or makes the message come again.
 */
export class Rejection extends Error {
  /**
   * @param kind what the edges map to a status
   * @param code stable name of the reason, UPPER_SNAKE_CASE, for programs
   * @param message says what is wrong and what to do, for people
   */
  constructor(
    readonly kind: RejectionKind,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'Rejection';
  }
}

/** The thing with this id does not exist, or is not known here (yet). */
export const notFound = (what: string, id: string): Rejection =>
  new Rejection(
    'not-found',
    `${what.toUpperCase().replaceAll(' ', '_')}_NOT_FOUND`,
    `There is no ${what} ${id}.`,
  );

/** The state of the thing does not allow this now. */
export const conflict = (code: string, message: string): Rejection =>
  new Rejection('conflict', code, message);

/** Well-formed, but it can't be done whatever the state is. */
export const unprocessable = (code: string, message: string): Rejection =>
  new Rejection('unprocessable', code, message);
