/** What is asked of the fleet, again and again. */
export type Work =
  /** Orders, each awaited until its approval is on the broker. */
  | 'orders'
  /** Orders of which some are cancelled, revised or accepted once approved, and searches of the history between them. */
  | 'mixed';

/** How fast: so many at any time, each followed at once by the next, or so many in a second whatever becomes of them. */
export type Pace = { readonly inFlight: number } | { readonly perSecond: number };

/** One thing whose time is taken. `approval` and the other two sagas' end when their event is on the broker. */
export type Activity = 'approval' | 'cancellation' | 'revision' | 'acceptance' | 'search';

/** For whom and where orders are placed: each order takes one of each by lot. */
export interface Parties {
  readonly consumers: readonly string[];
  readonly restaurants: readonly string[];
}

/** What ended in a stretch of time. */
export interface Window {
  readonly seconds: number;
  /** Milliseconds from the request to the end. */
  readonly latencies: Readonly<Partial<Record<Activity, readonly number[]>>>;
  /** Reasons of what failed, the first few. */
  readonly failures: readonly string[];
  readonly failed: number;
}

/** One of a sequence: whose it was, when its request was sent (milliseconds since 1970), how long it took. */
export interface Timing {
  readonly orderId: string;
  readonly sentAt: number;
  readonly ms: number;
}

/** What a sequence repeats: an order until it is approved; an accepted ticket until its delivery is scheduled; a search. */
export type Step = 'order' | 'schedule' | 'search';

/** More orders than the fleet can work on. */
export interface FloodPlan {
  readonly perSecond: number;
  readonly seconds: number;
  /** What an order takes at most when the fleet has recovered, in milliseconds. */
  readonly calmMs: number;
}

/** What became of a flood, and of the single orders after it. */
export interface Flood {
  /** How long it was, how many requests were sent in it, and how fast orders were approved meanwhile. */
  readonly seconds: number;
  readonly sent: number;
  readonly approvedPerSecond: number;
  /** How often each was answered: `201`, `503 OVERLOADED`; `none` where there was no answer, or an accepted order did not end. */
  readonly answers: Readonly<Record<string, number>>;
  readonly refusedWithoutRetryAfter: number;
  readonly acceptedIds: readonly string[];
  readonly ends: { readonly approved: number; readonly rejected: number };
  /** Milliseconds from the request to the 201, to another answer, to the end of an accepted order, and from a probe to its answer. */
  readonly latencies: Readonly<Record<'accepted' | 'refused' | 'ended' | 'probe', readonly number[]>>;
  /** Milliseconds from the last request of the flood until single orders were calm again; undefined when that took a minute. */
  readonly recoveredAfterMs: number | undefined;
  /** Reasons of what failed, the first few. */
  readonly failures: readonly string[];
}

/** Loads a fleet and takes the time; see {@link LoadGenerator} and {@link LoadProcess}. */
export interface Load {
  /** Makes new parties and places orders among them from now on. */
  prepare(consumers: number, restaurants: number): Promise<Parties>;
  /** Places orders among these from now on. */
  use(parties: Parties): Promise<void>;
  /** Begins to work and goes on until {@link end}. */
  begin(work: Work, pace: Pace): Promise<void>;
  /** Gives what ended in the next so many seconds. */
  window(seconds: number): Promise<Window>;
  /** Begins nothing new and waits for what is under way. */
  end(): Promise<void>;
  /** One after the other, with a pause between them in which the fleet comes to rest. */
  sequence(step: Step, count: number, pauseMs: number): Promise<readonly Timing[]>;
  /** Asks for orders at a rate that the fleet can't keep up with, and waits for the end of all that were accepted. */
  flood(plan: FloodPlan): Promise<Flood>;
  /** Makes a courier who can be given deliveries. */
  courier(id: string): Promise<void>;
  /** What the order service and the history say of an order. */
  states(orderId: string): Promise<readonly (string | undefined)[]>;
}
