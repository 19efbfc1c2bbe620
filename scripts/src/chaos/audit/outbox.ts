import { databases } from '../../infrastructure/databases';
import type { Check, Evidence } from './evidence';
import { digestOf, type StreamMessage } from './stream';

interface OutboxRow {
  readonly id: string;
  readonly channel: string;
  readonly partition_key: string;
  readonly payload: string;
}

export const databasesWithOutbox = databases
  .filter(({ relay }) => relay !== undefined)
  .map(({ database }) => database);

/** Rows of one key are in the order of their positions. */
const outboxOf = (evidence: Evidence, database: string): Promise<OutboxRow[]> =>
  evidence.sql<OutboxRow>(
    database,
    'SELECT id, channel, partition_key, payload::text AS payload FROM outbox ORDER BY position',
  );

/** Of each message the first time that it was stored: what comes again later is dropped by its receivers. */
function firstOnes(stream: readonly StreamMessage[]): Map<string, StreamMessage> {
  const first = new Map<string, StreamMessage>();
  for (const message of stream) if (!first.has(message.id)) first.set(message.id, message);
  return first;
}

export const publishedOutbox: Check = {
  name: 'every outbox row was published as it is, and nothing else was',
  run: async (evidence) => {
    const published = firstOnes(evidence.stream);
    const known = new Set<string>();
    const findings: string[] = [];
    let examined = 0;
    for (const database of databasesWithOutbox) {
      for (const { id, channel, payload } of await outboxOf(evidence, database)) {
        examined += 1;
        known.add(id);
        const message = published.get(id);
        if (message === undefined) findings.push(`${database}: ${id} on ${channel} was not published`);
        else if (message.channel !== channel || message.digest !== digestOf(payload))
          findings.push(`${database}: ${id} on ${channel} was published on ${message.channel} or changed`);
      }
    }
    for (const { id, name } of published.values())
      if (!known.has(id)) findings.push(`${name} ${id} was published and is in no outbox`);
    return { examined, findings };
  },
};

export const publishedOrder: Check = {
  name: 'messages of one partition key were published in order',
  run: async (evidence) => {
    const places = new Map([...firstOnes(evidence.stream).keys()].map((id, place) => [id, place]));
    const findings: string[] = [];
    let examined = 0;
    for (const database of databasesWithOutbox) {
      const lastOfKey = new Map<string, { id: string; place: number }>();
      for (const { id, partition_key } of await outboxOf(evidence, database)) {
        const place = places.get(id);
        // A command that is sent again is a second row of its id, for which the broker keeps nothing new.
        places.delete(id);
        if (place === undefined) continue;
        examined += 1;
        const last = lastOfKey.get(partition_key);
        if (last !== undefined && last.place > place)
          findings.push(`${database}: of key ${partition_key}, ${id} came before ${last.id}`);
        lastOfKey.set(partition_key, { id, place });
      }
    }
    return { examined, findings };
  },
};

export const nothingParked: Check = {
  name: 'no message was parked by a relay',
  run: async ({ sql }) => {
    const findings: string[] = [];
    for (const database of databasesWithOutbox) {
      const rows = await sql<{ id: string; reason: string }>(
        database,
        'SELECT id, reason FROM outbox_parked',
      );
      findings.push(...rows.map(({ id, reason }) => `${database}: ${id}: ${reason}`));
    }
    return { examined: databasesWithOutbox.length, findings };
  },
};
