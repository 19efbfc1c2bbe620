import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { CuttableProxy } from '../../src/chaos/cuttable-proxy';
import { Random } from '../../src/chaos/random';
import { waitFor } from '../wait-for';

const closed = (socket: Socket) => new Promise<void>((done) => socket.once('close', () => done()));

/** Sends a text and gives what comes back first. */
function ask(socket: Socket, text: string): Promise<string> {
  return new Promise((done) => {
    socket.once('data', (data) => done(data.toString('utf8')));
    socket.write(text);
  });
}

describe('a proxy that can be cut', () => {
  let echo: Server;
  let proxy: CuttableProxy;
  const clients: Socket[] = [];

  const client = (): Socket => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    clients.push(socket);
    return socket;
  };

  beforeEach(async () => {
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    await new Promise<void>((listening) => echo.listen(0, '127.0.0.1', listening));
    proxy = await CuttableProxy.open((echo.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const socket of clients.splice(0)) socket.destroy();
    await proxy.close();
    await new Promise((done) => echo.close(done));
  });

  it('passes on what is said on both sides', async () => {
    expect(await ask(client(), 'hello')).toBe('hello');
    expect(proxy.connections).toBe(1);
  });

  it('breaks connections off, and takes new ones', async () => {
    const first = client();
    await ask(first, 'hello');
    const end = closed(first);
    expect(proxy.cut(new Random(1), 1)).toBe(1);
    await end;
    expect(await ask(client(), 'again')).toBe('again');
  });

  it('takes no connections while it refuses them', async () => {
    const first = client();
    await ask(first, 'hello');
    proxy.refuse();
    await closed(first);
    await closed(client());
    proxy.admit();
    expect(await ask(client(), 'again')).toBe('again');
  });

  it('forgets a connection that its client has ended', async () => {
    const first = client();
    await ask(first, 'hello');
    first.end();
    await waitFor(() => proxy.connections === 0);
  });
});
