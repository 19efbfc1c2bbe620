import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, StringCodec } from 'nats';
import { freePort } from '../../src/fleet/ports';
import type { NatsServer } from '../../src/infrastructure/nats';
import { natsConfiguration, startNats } from '../../src/infrastructure/nats';
import { processIdentity } from '../../src/infrastructure/process-identity';
import { temporaryFolder } from '../temporary-folder';

jest.setTimeout(60_000);

const docker = join(__dirname, '..', '..', '..', 'docker', 'nats');

describe('the NATS server', () => {
  const folder = temporaryFolder();
  const storeDir = join(folder, 'nats');
  let port: number;
  let server: NatsServer | undefined;
  const start = async () => (server = await startNats({ storeDir, port }));

  beforeAll(async () => {
    port = await freePort();
  });

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('keeps acknowledged messages through a kill -9 and is gone after stop', async () => {
    const killed = await start();
    const publisher = await connect({ servers: killed.url });
    await (await publisher.jetstreamManager()).streams.add({ name: 'KEPT', subjects: ['kept'] });
    await publisher.jetstream().publish('kept', StringCodec().encode('still here'));
    await publisher.close();
    killed.kill();
    await killed.exited;

    const again = await start();
    const reader = await connect({ servers: again.url });
    const message = await (await reader.jetstreamManager()).streams.getMessage('KEPT', { seq: 1 });
    expect(StringCodec().decode(message.data)).toBe('still here');
    await reader.close();
    await again.stop();
    expect(processIdentity(again.pid)).toBeUndefined();
  });

  it('shuts a server down that has lost its launcher, and takes its place', async () => {
    const orphan = await start();
    const again = await start();
    expect(processIdentity(orphan.pid)).toBeUndefined();
    expect(processIdentity(again.pid)).toBeDefined();
  });

  it('says what is wrong when it cannot start', async () => {
    await start();
    const second = startNats({ storeDir: join(folder, 'second'), port, logFile: join(folder, 'second.log') });
    await expect(second).rejects.toThrow(/nats-server ended with .*address already in use/s);
    expect(readFileSync(join(folder, 'second.log'), 'utf8')).toContain('address already in use');
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('starts with sleeps that Linux may lengthen by 5 ms, as with Docker', async () => {
    const dockerfile = readFileSync(join(docker, 'Dockerfile'), 'utf8');
    expect(/echo (\d+) > \/proc\/\$\$\/timerslack_ns/.exec(dockerfile)?.[1]).toBe('5000000');
    // Only of itself may any process read it.
    const executable = join(folder, 'slack.sh');
    writeFileSync(executable, '#!/bin/sh\nread slack < /proc/$$/timerslack_ns\necho "slack: $slack"\n', {
      mode: 0o755,
    });
    const failing = startNats({ storeDir: join(folder, 'slack'), port, executable });
    await expect(failing).rejects.toThrow('slack: 5000000');
  });

  it.each([
    { server: '2.9', version: { major: 2, minor: 9 }, synced: false },
    { server: '2.10', version: { major: 2, minor: 10 }, synced: true },
    { server: '3.0', version: { major: 3, minor: 0 }, synced: true },
  ])('tells server $server to sync each message: $synced', ({ version, synced }) => {
    const configuration = natsConfiguration({ storeDir: '/data', port: 4000 }, version);
    expect(configuration.includes('sync_interval: always')).toBe(synced);
  });

  it('may store as much as with Docker, however small the disk', () => {
    const limitIn = (configuration: string) => /max_file_store: (\w+)/.exec(configuration)?.[1];
    const version = { major: 2, minor: 10 };
    const own = natsConfiguration({ storeDir: '/data', port: 4000 }, version);
    expect(limitIn(own)).toBe(limitIn(readFileSync(join(docker, 'nats.conf'), 'utf8')));
    expect(limitIn(own)).toBe('8GB');
  });
});
