import { connect } from 'nats';

/** A message as the stream holds it. */
export interface StoredMessage {
  readonly id: string | undefined;
  readonly payload: unknown;
}

/** All that the stream of a server holds, in its order; nothing when there is no stream. */
export async function storedMessages(url: string): Promise<StoredMessage[]> {
  const connection = await connect({ servers: url });
  try {
    const manager = await connection.jetstreamManager();
    const { state } = await manager.streams.info('FTGO');
    const stored: StoredMessage[] = [];
    if (state.messages === 0) return stored;
    const consumer = await connection.jetstream().consumers.get('FTGO');
    for await (const message of await consumer.consume()) {
      stored.push({ id: message.headers?.get('Nats-Msg-Id'), payload: message.json<unknown>() });
      if (message.seq >= state.last_seq) break;
    }
    return stored;
  } finally {
    await connection.close();
  }
}

/** Their ids. */
export async function storedIds(url: string): Promise<(string | undefined)[]> {
  return (await storedMessages(url)).map(({ id }) => id);
}
