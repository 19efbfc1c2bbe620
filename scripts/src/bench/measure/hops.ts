import { summarise, type Summary } from '../statistics';

/** A message on its way, all times in milliseconds since 1970. */
export interface Passage {
  readonly id: string;
  readonly name: string;
  /** The message or request that was handled when this one was made. */
  readonly causedBy: string;
  /** When the transaction began that made it. */
  readonly begunAt: number;
  /** When that transaction's commit record was made; the flush of the log to the disk comes after. */
  readonly committedAt: number;
  /** When the broker took it. */
  readonly storedAt: number;
}

/** One order from request to sight: both as the client saw it. */
export interface Journey {
  readonly orderId: string;
  readonly sentAt: number;
  readonly seenAt: number;
}

/** The kinds of hop, in the order in which they come; the middle three once for each message on the path. */
export const hopKinds = [
  'request to commit',
  'commit to broker',
  'broker to handler',
  'handler to commit',
  'broker to client',
] as const;

export type HopKind = (typeof hopKinds)[number];

/** What one kind of hop takes. */
export interface HopFigures {
  readonly kind: HopKind;
  /** How many there are in an order's path, on average. */
  readonly perOrder: number;
  /** Milliseconds of a single hop. */
  readonly single: Summary;
  /** Milliseconds that all hops of this kind take in one order. */
  readonly together: Summary;
}

/**
 * Splits the time of each order into its hops, along the chain of causes from the approval back to the request. What
 * went on beside that chain took no time of the client's.
 */
export function hopsOf(journeys: readonly Journey[], passages: ReadonlyMap<string, Passage>): HopFigures[] {
  const approvals = new Map<string, Passage>();
  for (const [key, passage] of passages) if (key.startsWith('approved ')) approvals.set(key, passage);
  const orders = journeys.flatMap((journey) => {
    const approval = approvals.get(approvedKey(journey.orderId));
    return approval === undefined ? [] : [hopsOfOne(journey, pathTo(approval, passages))];
  });
  return hopKinds.map((kind) => {
    const durations = orders.map((hops) => hops.filter((hop) => hop.kind === kind).map(({ ms }) => ms));
    return {
      kind,
      perOrder: orders.length === 0 ? 0 : durations.flat().length / orders.length,
      single: summarise(durations.flat()),
      together: summarise(durations.map((each) => each.reduce((sum, ms) => sum + ms, 0))),
    };
  });
}

/** The key under which an order's approval is found besides its id. */
export const approvedKey = (orderId: string): string => `approved ${orderId}`;

/** From the first message to this one, each the cause of the next. */
function pathTo(last: Passage, passages: ReadonlyMap<string, Passage>): Passage[] {
  const path = [last];
  for (let cause = passages.get(last.causedBy); cause !== undefined; cause = passages.get(cause.causedBy))
    path.unshift(cause);
  return path;
}

function hopsOfOne({ sentAt, seenAt }: Journey, path: readonly Passage[]): { kind: HopKind; ms: number }[] {
  return path.flatMap((message, index) => {
    const cause = path[index - 1];
    const isLast = index === path.length - 1;
    return [
      ...(cause === undefined
        ? [hop('request to commit', sentAt, message.committedAt)]
        : [
            hop('broker to handler', cause.storedAt, message.begunAt),
            hop('handler to commit', message.begunAt, message.committedAt),
          ]),
      hop('commit to broker', message.committedAt, message.storedAt),
      ...(isLast ? [hop('broker to client', message.storedAt, seenAt)] : []),
    ];
  });
}

const hop = (kind: HopKind, from: number, to: number) => ({ kind, ms: to - from });
