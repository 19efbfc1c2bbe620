import type { Check, Evidence } from './evidence';
import { grouped } from './evidence';

interface CreatedOrder {
  readonly id: string;
  /** The key that the client has written into the order. */
  readonly key: string | null;
}

const created = (evidence: Evidence): Promise<CreatedOrder[]> =>
  evidence.sql<CreatedOrder>(
    'ordering',
    `SELECT aggregate_id AS id, data->'deliverTo'->>'street2' AS key FROM events WHERE type = 'orderapi.OrderCreated'`,
  );

export const acceptedRequests: Check = {
  name: 'every accepted request has exactly one order',
  run: async (evidence) => {
    const { journal } = evidence;
    const byKey = grouped(await created(evidence), ({ key }) => key);
    const findings = [...journal.contradictions];
    for (const { key, orderId } of journal.orders) {
      const ids = (byKey.get(key) ?? []).map(({ id }) => id);
      if (ids.length !== 1 || ids[0] !== orderId)
        findings.push(`key ${key} was answered with order ${orderId}; there are [${ids.join(', ')}]`);
    }
    for (const key of journal.refused) {
      for (const { id } of byKey.get(key) ?? [])
        findings.push(`key ${key} was refused, and there is order ${id}`);
    }
    const known = new Set([...journal.orders.map(({ key }) => key), ...journal.refused]);
    for (const [key, orders] of byKey) {
      if (known.has(key ?? '') || journal.unanswered.some((line) => line.includes(key ?? '-'))) continue;
      findings.push(`order ${orders.map(({ id }) => id).join(', ')} of key ${key} was never asked for`);
    }
    return { examined: journal.orders.length + journal.refused.length, findings };
  },
};

export const answeredRequests: Check = {
  name: 'every request was answered in the end',
  run: async ({ journal }) => ({
    examined: journal.orders.length + journal.refused.length,
    findings: journal.unanswered,
  }),
};

/** A 202 starts one saga; only an answer that got lost may stand for one more, each of them. */
export const acceptedChanges: Check = {
  name: 'every accepted cancellation and revision has exactly one saga',
  run: async (evidence) => {
    const counts = await evidence.sql<{ order_id: string; saga_name: string; count: number }>(
      'ordering',
      `SELECT data->>'orderId' AS order_id, saga_name, count(*)::int AS count FROM sagas GROUP BY 1, 2`,
    );
    const byOrder = new Map(
      counts.map(({ order_id, saga_name, count }) => [`${order_id} ${saga_name}`, count]),
    );
    const findings: string[] = [];
    let examined = 0;
    for (const { orderId, cancels, revisions } of evidence.journal.orders) {
      for (const [saga, asked] of Object.entries({ CancelOrderSaga: cancels, ReviseOrderSaga: revisions })) {
        const count = byOrder.get(`${orderId} orderservice.${saga}`) ?? 0;
        examined += asked.accepted;
        if (count < asked.accepted || count > asked.accepted + asked.doubtful)
          findings.push(
            `order ${orderId}: ${asked.accepted} accepted (${asked.doubtful} in doubt), ${count} of ${saga}`,
          );
      }
    }
    return { examined, findings };
  },
};

export const promises: Check = {
  name: 'every order came to the end that its client was promised',
  run: async (evidence) => {
    const { journal, client } = evidence;
    const findings: string[] = [];
    for (const { orderId, expected } of journal.orders) {
      if (expected === undefined) continue;
      const answer = await client.send({
        service: 'order-service',
        method: 'GET',
        path: `/api/orders/${orderId}`,
      });
      const state = String(answer?.body['state']);
      if (state !== expected) findings.push(`order ${orderId} should be ${expected} and is ${state}`);
    }
    return { examined: journal.orders.length, findings };
  },
};
