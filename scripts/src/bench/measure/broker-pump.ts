import { headers as natsHeaders, type NatsConnection } from 'nats';
import type { StoredMessage } from './stream';

const stream = 'CEILING';
/** How many messages may wait for their acknowledgement: as many as a relay lets. */
const mostWaiting = 1_000;

/** For how long messages are published, or how many are to be stored. */
export type Amount = { readonly seconds: number } | { readonly messages: number };

/**
 * Publishes messages again, round and round under new ids, to a stream of their own that is kept as the fleet's is, and
 * gives how many the broker stored in a second.
 */
export async function pumpMessages(
  connection: NatsConnection,
  messages: readonly StoredMessage[],
  amount: Amount,
): Promise<number> {
  const manager = await connection.jetstreamManager();
  const { config } = await manager.streams.info('FTGO');
  await manager.streams.add({ ...config, name: stream, subjects: ['ceiling.>'] });
  try {
    return await pump(connection, messages, amount);
  } finally {
    await manager.streams.delete(stream);
  }
}

async function pump(
  connection: NatsConnection,
  messages: readonly StoredMessage[],
  amount: Amount,
): Promise<number> {
  const inbox = `_INBOX.ceiling.${process.pid}`;
  const run = Date.now().toString(36);
  const ready = messages.map(({ subject, headers, data }) => {
    const set = natsHeaders();
    for (const [name, value] of headers) set.set(name, value);
    return { subject: subject.replace(/^[^.]+/, 'ceiling'), headers: set, data };
  });
  let [sent, stored] = [0, 0];
  const startedAt = performance.now();
  const isOver = () =>
    'seconds' in amount ? performance.now() - startedAt >= amount.seconds * 1000 : stored >= amount.messages;
  return new Promise((resolve, reject) => {
    const send = () => {
      while (sent - stored < mostWaiting) {
        const message = ready[sent % ready.length];
        if (message === undefined) return reject(new Error('there is no message to publish'));
        sent += 1;
        message.headers.set('Nats-Msg-Id', `${run}-${sent}`);
        connection.publish(message.subject, message.data, { headers: message.headers, reply: inbox });
      }
    };
    const acknowledgements = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (error !== null || message.string().includes('"error"')) {
          acknowledgements.unsubscribe();
          return reject(error ?? new Error(`the broker refused a message: ${message.string()}`));
        }
        stored += 1;
        if (!isOver()) return send();
        acknowledgements.unsubscribe();
        resolve(stored / ((performance.now() - startedAt) / 1000));
      },
    });
    send();
  });
}
