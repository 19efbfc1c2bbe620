import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Random } from './random';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Stands between the fleet and its broker, so that connections can be cut, which a broker itself offers to nobody. */
export class CuttableProxy {
  private readonly pairs = new Set<Pair>();
  private refusing = false;

  private constructor(
    private readonly listener: Server,
    private readonly target: number,
  ) {
    listener.on('connection', (client) => this.connected(client));
  }

  /** Listens on any free port of 127.0.0.1 and passes everything on to the given one. */
  static async open(target: number): Promise<CuttableProxy> {
    const listener = createServer({ noDelay: true });
    await new Promise<void>((listening, fail) => {
      listener.once('error', fail);
      listener.listen(0, '127.0.0.1', listening);
    });
    return new CuttableProxy(listener, target);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.pairs.size;
  }

  /** Breaks some of the connections off, or all; gives how many. */
  cut(random: Random, share: number): number {
    const chosen = [...this.pairs].filter(() => random.chance(share));
    for (const pair of chosen) this.breakOff(pair);
    return chosen.length;
  }

  /** Breaks all connections off and takes no new ones until {@link admit}. */
  refuse(): void {
    this.refusing = true;
    for (const pair of [...this.pairs]) this.breakOff(pair);
  }

  admit(): void {
    this.refusing = false;
  }

  async close(): Promise<void> {
    for (const pair of [...this.pairs]) this.breakOff(pair);
    await new Promise((closed) => this.listener.close(closed));
  }

  private connected(client: Socket): void {
    if (this.refusing) {
      client.on('error', () => undefined);
      client.destroy();
      return;
    }
    const server = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
    const pair = { client, server };
    this.pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.breakOff(pair));
    }
  }

  private breakOff(pair: Pair): void {
    this.pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}
