import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JetStreamManager } from 'nats';
import { freePort } from '../../../scripts/src/fleet/ports';
import { startNats, type NatsServer } from '../../../scripts/src/infrastructure/nats';

/** A NATS server of a spec's own, for what can't be done to one that others use. */
export interface OwnNats {
  readonly url: string;
  stop(): Promise<void>;
  /** Starts it again on the same port, with what it had stored. */
  start(): Promise<void>;
  /** Stops it and removes what it has stored. */
  remove(): Promise<void>;
}

/** @param maxPayload the largest message in bytes */
export async function ownNats(maxPayload = 1024 * 1024): Promise<OwnNats> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-'));
  const port = await freePort();
  let server: NatsServer | undefined;
  const start = async (): Promise<void> => {
    server = await startNats({ storeDir: join(folder, 'store'), port, maxPayload });
  };
  const stop = async (): Promise<void> => server?.stop();
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    start,
    stop,
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Deletes a durable consumer, as an operator would.
 * A server that is just writing the consumer's state says that its folder is not empty (nats-server's pull request 7886),
 * though by then it has forgotten the consumer: what counts is that the one that was there is gone.
 */
export async function deleteConsumer(
  manager: JetStreamManager,
  stream: string,
  durable: string,
): Promise<void> {
  const { created } = await manager.consumers.info(stream, durable);
  await manager.consumers.delete(stream, durable).catch((error: Error) => {
    if (!error.message.includes('directory not empty')) throw error;
  });
  // Whoever consumes from it may have made it again already.
  const now = await manager.consumers.info(stream, durable).catch(() => undefined);
  expect(now?.created).not.toBe(created);
}
