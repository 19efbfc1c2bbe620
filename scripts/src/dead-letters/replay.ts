import { randomUUID } from 'node:crypto';
import type { Publisher } from '@ftgo/shared-ts/messaging';
import type { Letter } from './letters';

/** What became of a replay. `removed` is false when the letter had changed meanwhile: it was set aside again, or is gone. */
export interface Replayed {
  readonly published: boolean;
  readonly removed: boolean;
}

/**
 * Publishes a dead letter again as it came, and removes it when the broker has stored it. Its ce-id stays, so that
 * inboxes know it; the broker gets an id that it does not know yet, or it would drop the message as a duplicate.
 *
 * @throws PublishError when the broker did not store it; the letter stays
 */
export async function replay({ envelope, payload, remove }: Letter, publisher: Publisher): Promise<Replayed> {
  const data = await payload();
  if (data === undefined) return { published: false, removed: false };
  await publisher.publish({
    id: `${envelope.messageId}#replay-${randomUUID()}`,
    subject: envelope.subject,
    headers: withoutInstructions(envelope.headers),
    data,
  });
  return { published: true, removed: await remove() };
}

/** Headers that begin so are no part of the message: they told the broker how to take its first publication. */
function withoutInstructions(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^nats-/i.test(name)));
}
