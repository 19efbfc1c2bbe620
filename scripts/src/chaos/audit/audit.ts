import type { CuttableProxy } from '../cuttable-proxy';
import { agreement } from './agreement';
import { answeredCommands, handledOnce, noDeadLetters, noDoubleEffect } from './effects';
import type { Check, Evidence, Verdict } from './evidence';
import { noLeakedBrokerConnections, noLeakedConnections, noLeakedSlots } from './leaks';
import { nothingParked, publishedOrder, publishedOutbox } from './outbox';
import { acceptedChanges, acceptedRequests, answeredRequests, promises } from './requests';
import { endedSagas, sagaHistories, sagasAndOrders } from './sagas';

/** A check with what came of it. */
export interface Result extends Verdict {
  readonly check: string;
}

/** Runs every check; one that can't be carried out is a finding itself. */
export async function audit(evidence: Evidence, broker: CuttableProxy): Promise<Result[]> {
  const checks: readonly Check[] = [
    // First, before the audit's own questions open connections.
    noLeakedConnections,
    noLeakedSlots,
    noLeakedBrokerConnections(broker),
    answeredRequests,
    acceptedRequests,
    acceptedChanges,
    promises,
    endedSagas,
    sagasAndOrders,
    sagaHistories,
    agreement,
    publishedOutbox,
    publishedOrder,
    nothingParked,
    handledOnce,
    noDoubleEffect,
    answeredCommands,
    noDeadLetters,
  ];
  const results: Result[] = [];
  for (const check of checks) {
    const verdict = await check.run(evidence).catch((error: unknown) => failed(error));
    results.push({ check: check.name, ...verdict });
  }
  return results;
}

function failed(error: unknown): Verdict {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { examined: 0, findings: [`it could not be looked at: ${reason}`] };
}
