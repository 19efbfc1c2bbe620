import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
