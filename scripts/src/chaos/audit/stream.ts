import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { headersByName, type NatsBroker } from '@ftgo/shared-ts/messaging';

/** A message as the broker has stored it. */
export interface StreamMessage {
  readonly id: string;
  readonly channel: string;
  readonly name: string;
  readonly kind: string;
  readonly partitionKey: string;
  /** Digest of the payload. */
  readonly digest: string;
}

const DURABLE = 'chaos-audit';
const SUBJECT = 'ftgo.>';

/** Reads everything that the stream holds. */
export async function readStream(broker: NatsBroker): Promise<StreamMessage[]> {
  const bySequence = new Map<number, StreamMessage>();
  const subscription = await broker.subscribe({
    durable: DURABLE,
    subject: SUBJECT,
    maxInFlight: 1_000,
    onDelivery: (delivery) => {
      const { subject, data, streamSequence } = delivery;
      const headers = headersByName(delivery.headers);
      bySequence.set(streamSequence, {
        id: headers['ce-id'] ?? '',
        channel: subject.slice(SUBJECT.length - 1),
        name: headers['ce-type'] ?? '',
        kind: headers['ce-messagekind'] ?? '',
        partitionKey: headers['ce-partitionkey'] ?? '',
        digest: digestOf(data),
      });
      delivery.ack();
    },
  });
  while (await hasMore(broker)) await sleep(200);
  await subscription.stop();
  return [...bySequence].sort(([one], [other]) => one - other).map(([, message]) => message);
}

async function hasMore(broker: NatsBroker): Promise<boolean> {
  const own = (await broker.consumerLags()).find(({ consumer }) => consumer === DURABLE);
  return own === undefined || own.waiting + own.unacknowledged > 0;
}

export function digestOf(payload: Uint8Array | string): string {
  return createHash('sha256').update(payload).digest('base64url');
}
