import type { Flood } from '../load/load';
import { auditOrders, databaseTime } from '../measure/order-audit';
import { memoryBytes, PeakMemory } from '../measure/process-usage';
import type { Outcome, Scenario } from '../scenario';
import { loadGenerator, type LoadedSite } from '../site';
import { summarise, type Summary } from '../statistics';

const parties = 200;
/** How many times as many orders are asked for as the fleet can approve. */
const excess = 5;
const ordersBefore = 50;
/** An order takes at most so many times as long as most did before, when the fleet has recovered. */
const calmShare = 2;
/** A process whose memory grows by more than this in the later half of the flood, measured by its peaks, is not at its bound yet. */
const growthAllowed = 0.5;

/** A fleet with more requests than it can work on. */
export interface OverloadFigures {
  readonly perSecond: number;
  readonly seconds: number;
  readonly sent: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly approvedPerSecond: number;
  readonly approved: number;
  readonly rejected: number;
  /** Milliseconds. */
  readonly restLatency: Summary;
  readonly latencies: Readonly<Record<keyof Flood['latencies'], Summary>>;
  readonly recoveredAfterMs: number | undefined;
  /** Bytes by process: before, and the most in each half of the flood. */
  readonly idleMemory: Readonly<Record<string, number>>;
  readonly peakMemory: readonly [Readonly<Record<string, number>>, Readonly<Record<string, number>>];
}

/** Several times as many orders as the fleet can approve, then none. */
export const overload: Scenario = async (bench) => {
  const { approvedPerSecond } = await bench.top();
  const site = await bench.sharedSite();
  await site.load.prepare(parties, parties);
  await site.stream.untilQuiet();
  const idle = memoryBytes(site.watched());
  const timings = await site.load.sequence('order', ordersBefore, 0);
  const rest = summarise(timings.map(({ ms }) => ms));
  const pids = pidsOf(site);
  const since = await databaseTime(site);
  const perSecond = Math.ceil(approvedPerSecond * excess);
  const { seconds } = bench.extent;
  bench.log(`${perSecond} orders/s for ${seconds} s`);
  const peaks = peaksOf(site, seconds);
  const flood = await site.load.flood({ perSecond, seconds, calmMs: rest.p95 * calmShare });
  const peakMemory = await peaks;
  await site.stream.untilQuiet();
  const findings = [
    ...findingsIn(flood),
    ...grown(peakMemory),
    ...(pidsOf(site) === pids ? [] : ['a process has ended and was started again']),
    ...(await auditOrders(site, flood.acceptedIds, since)),
  ];
  return outcomeOf(overloadFigures(perSecond, flood, rest, idle, peakMemory), findings);
};

type Peaks = readonly [ReadonlyMap<string, number>, ReadonlyMap<string, number>];

/** The peaks of the two halves of the next so many seconds. */
async function peaksOf(site: LoadedSite, seconds: number): Promise<Peaks> {
  const half = async () => {
    const memory = new PeakMemory(() => site.watched(), 500);
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 2));
    return memory.stop();
  };
  return [await half(), await half()];
}

const pidsOf = (site: LoadedSite): string => JSON.stringify([...site.watched().pids]);

/** What must not be among the answers. */
export function findingsIn(flood: Flood): string[] {
  const { answers, refusedWithoutRetryAfter, acceptedIds, ends, recoveredAfterMs, failures } = flood;
  const isRefusal = (answer: string) => /^(429|503) /.test(answer);
  const strange = Object.entries(answers).filter(([answer]) => answer !== '201' && !isRefusal(answer));
  const unended = acceptedIds.length - ends.approved - ends.rejected;
  return [
    ...strange.map(([answer, count]) => `${count} requests were answered ${answer}`),
    ...(refusedWithoutRetryAfter > 0 ? [`${refusedWithoutRetryAfter} refusals without Retry-After`] : []),
    ...(unended > 0 ? [`${unended} accepted orders did not end`] : []),
    ...(ends.rejected > 0 ? [`${ends.rejected} accepted orders were rejected`] : []),
    ...(Object.keys(answers).some(isRefusal) ? [] : ['nothing was refused: the load was no overload']),
    ...(recoveredAfterMs === undefined ? ['the fleet has not recovered within a minute'] : []),
    ...failures.map((failure) => `failed: ${failure}`),
  ];
}

/** Processes of the fleet whose memory still grew in the later half. */
export function grown([earlier, later]: Peaks): string[] {
  return [...later]
    .filter(
      ([name, bytes]) => name !== loadGenerator && bytes > (1 + growthAllowed) * (earlier.get(name) ?? bytes),
    )
    .map(
      ([name]) =>
        `the memory of ${name} grew by more than ${growthAllowed * 100} % from the first half to the second`,
    );
}

/** The figures of a flood. */
export function overloadFigures(
  perSecond: number,
  flood: Flood,
  restLatency: Summary,
  idle: ReadonlyMap<string, number>,
  [earlier, later]: Peaks,
): OverloadFigures {
  const { seconds, sent, answers, approvedPerSecond, ends, latencies, recoveredAfterMs } = flood;
  return {
    perSecond,
    seconds,
    sent,
    answers,
    approvedPerSecond,
    ...ends,
    restLatency,
    latencies: {
      accepted: summarise(latencies.accepted),
      refused: summarise(latencies.refused),
      ended: summarise(latencies.ended),
      probe: summarise(latencies.probe),
    },
    recoveredAfterMs,
    idleMemory: Object.fromEntries(idle),
    peakMemory: [Object.fromEntries(earlier), Object.fromEntries(later)],
  };
}

function outcomeOf(figures: OverloadFigures, findings: readonly string[]): Outcome {
  const { perSecond, seconds, sent, answers, approvedPerSecond, approved, latencies, restLatency } = figures;
  const latency = (what: string, { count, p50, p95, p99, max }: Summary) => [what, count, p50, p95, p99, max];
  const requests = {
    title: `Overload: ${perSecond} orders/s asked for, ${seconds.toFixed(0)} s; milliseconds`,
    columns: ['what', 'count', 'p50', 'p95', 'p99', 'max'],
    rows: [
      latency('at rest before: request to approved', restLatency),
      latency('request to 201', latencies.accepted),
      latency('request to refusal', latencies.refused),
      latency('request to approved', latencies.ended),
      latency('/ready by a new connection', latencies.probe),
    ],
    notes: [
      `sent: ${sent}, ${(sent / seconds).toFixed(0)}/s; answers: ${Object.entries(answers)
        .map(([answer, count]) => `${count} times ${answer}`)
        .join(', ')}`,
      `approved: ${approved}, ${approvedPerSecond.toFixed(0)}/s during the flood`,
      `recovered: ${figures.recoveredAfterMs === undefined ? 'no' : `${(figures.recoveredAfterMs / 1000).toFixed(1)} s after the last request`}`,
      ...findings.map((finding) => `FINDING: ${finding}`),
    ],
  };
  const [earlier, later] = figures.peakMemory;
  const memory = {
    title: 'Overload: memory by process, MB',
    columns: ['process', 'idle', 'peak, first half', 'peak, second half'],
    rows: Object.entries(figures.idleMemory).map(([name, bytes]) => [
      name,
      ...[bytes, earlier[name], later[name]].map((value) => (value === undefined ? undefined : value / 1e6)),
    ]),
  };
  const tables = Object.keys(figures.idleMemory).length > 0 ? [requests, memory] : [requests];
  return { tables, figures, findings };
}
