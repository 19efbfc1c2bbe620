import type { Server } from 'node:net';
import { createServer } from 'node:net';
import {
  firstFreePort,
  freePort,
  freePorts,
  isFree,
  portHolder,
  portInUseMessage,
} from '../../src/fleet/ports';

describe('ports', () => {
  let server: Server;
  let taken: number;

  beforeAll(async () => {
    taken = await freePort();
    server = createServer();
    await new Promise<void>((listening) => server.listen(taken, '127.0.0.1', listening));
  });

  afterAll(() => new Promise((closed) => server.close(closed)));

  it('are free when nobody listens', async () => {
    expect(await isFree(await freePort())).toBe(true);
    expect(await isFree(taken)).toBe(false);
  });

  it('are different ones when several are asked for', async () => {
    expect(new Set(await freePorts(20)).size).toBe(20);
  });

  it('are passed over when they are taken', async () => {
    const next = await firstFreePort(taken);
    expect(next).toBeGreaterThan(taken);
    expect(await isFree(next)).toBe(true);
  });

  it('have a holder, which the message names', () => {
    const holder = portHolder(taken);
    expect(holder?.pid).toBe(process.pid);
    expect(holder?.command).toContain('node');
    const message = portInUseMessage(taken, 'order-service');
    expect(message).toMatch(`port ${taken} (order-service) is in use by pid ${process.pid}: `);
    expect(message).not.toContain('\n');
  });

  it('have no holder when nobody listens', async () => {
    expect(portHolder(await freePort())).toBeUndefined();
  });
});
