import { join } from 'node:path';
import { natsAddress, NatsBroker, type StreamDuty } from '@ftgo/shared-ts/messaging';
import { connect, NatsError, type NatsConnection } from 'nats';
import { pino, type Logger } from 'pino';
import { freePort } from '../../src/fleet/ports';
import { brokerUserNames, operator } from '../../src/infrastructure/broker-users';
import { startNats, type NatsServer } from '../../src/infrastructure/nats';

/** Longer than any answer takes; what is tested for comes without it. */
export const patience = 60_000;

/** A broker that lets in only the users of the fleet, and the ways to come to it. */
export class GuardedBroker {
  private readonly connections: { close(): Promise<void> }[] = [];

  private constructor(
    readonly server: NatsServer,
    private readonly passwords: Readonly<Record<string, string>>,
  ) {}

  static async start(folder: string, port?: number, prefix = 'password-of'): Promise<GuardedBroker> {
    // It begins with digits, which the client library takes for a port, and has what a URL must encode.
    const passwords = Object.fromEntries(brokerUserNames.map((name) => [name, `123/${prefix}@${name}`]));
    const server = await startNats({
      storeDir: join(folder, 'nats'),
      port: port ?? (await freePort()),
      passwords,
    });
    return new GuardedBroker(server, passwords);
  }

  url(name: string, password = this.passwords[name] ?? ''): string {
    return `nats://${encodeURIComponent(name)}:${encodeURIComponent(password)}@127.0.0.1:${this.server.port}`;
  }

  /** A plain connection of the user, to try what our own code never does. */
  async connect(name: string): Promise<NatsConnection> {
    const connection = await connect(natsAddress(this.url(name)));
    this.connections.push(connection);
    return connection;
  }

  /** The way our processes come. */
  async broker(
    name: string,
    stream: StreamDuty,
    logger: Logger = pino({ level: 'silent' }),
  ): Promise<NatsBroker> {
    const broker = await NatsBroker.connect({ url: this.url(name), serviceId: name, stream }, logger);
    this.connections.push(broker);
    return broker;
  }

  asOperator(): Promise<NatsBroker> {
    return this.broker(operator, 'maintain');
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.splice(0).map((connection) => connection.close()));
    await this.server.stop();
  }
}

/** What becomes of a request: `answered`, or the client library's code for why not. */
export async function outcomeOf(
  connection: NatsConnection,
  subject: string,
  body: unknown = '',
): Promise<string> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    await connection.request(subject, payload, { timeout: patience });
    return 'answered';
  } catch (error) {
    return error instanceof NatsError ? error.code : String(error);
  }
}
