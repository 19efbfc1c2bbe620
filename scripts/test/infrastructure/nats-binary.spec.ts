import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freePort } from '../../src/fleet/ports';
import { findNatsServer, natsRelease } from '../../src/infrastructure/nats-binary';
import { temporaryFolder } from '../temporary-folder';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

onPosix('finding nats-server', () => {
  const folder = temporaryFolder();
  const system = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const archive = `nats-server-${natsRelease}-${system}.tar.gz`;
  const files = new Map<string, Buffer>();
  let server: Server;
  let releases: string;

  beforeAll(async () => {
    const port = await freePort();
    releases = `http://127.0.0.1:${port}`;
    server = createServer((request, response) => {
      const file = files.get(request.url ?? '');
      response.statusCode = file === undefined ? 404 : 200;
      response.end(file);
    });
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  });

  afterAll(() => new Promise((closed) => server.close(closed)));

  const cacheDir = () => mkdtempSync(join(folder, 'cache-'));
  const release = (content: Buffer, sum = createHash('sha256').update(content).digest('hex')) => {
    files.set(`/${natsRelease}/${archive}`, content);
    files.set(`/${natsRelease}/SHA256SUMS`, Buffer.from(`0123  other.zip\n${sum}  ${archive}\n`));
  };
  const sources = () => ({ path: '', cacheDir: cacheDir(), releases, apt: false });

  it('takes the one on the PATH', async () => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    writeFileSync(join(bin, 'nats-server'), '');
    expect(await findNatsServer({ ...sources(), path: `/nowhere:${bin}` })).toBe(join(bin, 'nats-server'));
  });

  it('downloads the release once and keeps it', async () => {
    release(packed(folder));
    const from = sources();
    const file = await findNatsServer(from);
    expect(readFileSync(file, 'utf8')).toContain('released');
    files.clear();
    expect(await findNatsServer(from)).toBe(file);
  });

  it('does not take an archive that is not what the release says', async () => {
    release(packed(folder), 'f'.repeat(64));
    await expect(findNatsServer(sources())).rejects.toThrow(/has sha256 [0-9a-f]{64} instead of f{64}/);
  });

  it('says how to get it when there is none to be had', async () => {
    files.clear();
    await expect(findNatsServer(sources())).rejects.toThrow(/status 404.*install it/);
  });
});

function packed(folder: string): Buffer {
  const inner = mkdtempSync(join(folder, 'release-'));
  mkdirSync(join(inner, 'nats'));
  writeFileSync(join(inner, 'nats', 'nats-server'), '#!/bin/sh\n# released\n');
  chmodSync(join(inner, 'nats', 'nats-server'), 0o755);
  spawnSync('tar', ['-czf', 'release.tar.gz', 'nats'], { cwd: inner });
  return readFileSync(join(inner, 'release.tar.gz'));
}
