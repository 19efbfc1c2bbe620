import { operator } from '../infrastructure/broker-users';
import { superuser } from '../infrastructure/postgres-data';
import type { PortMap } from './fleet-ports';
import type { Secrets } from './secrets';

/** Where a fleet's processes and servers are on this machine, and what opens them. */
export class Addresses {
  constructor(
    private readonly ports: PortMap,
    private readonly secrets: Secrets,
    /** The folder of the database's Unix socket, where there is one. */
    private readonly socketFolder?: string,
  ) {}

  /** @throws Error for a name that the fleet does not have */
  portOf(name: string): number {
    const port = this.ports[name];
    if (port === undefined) throw new Error(`the fleet has no "${name}", or was not started`);
    return port;
  }

  /** Connects to the database `postgres` as superuser, by TCP as every tool can. */
  get adminUrl(): string {
    return this.connection(superuser, 'postgres', this.tcpAddress());
  }

  /** Connects as the role, the database's owner if none is given, by the Unix socket if there is one. */
  databaseUrl(database: string, role = database): string {
    return this.connection(role, database, this.socketAddress() ?? this.tcpAddress());
  }

  /** Connects to the broker as its operator, who may do everything. */
  get natsUrl(): string {
    return this.brokerUrl(operator);
  }

  /** Connects to the broker as a user, by another port than the broker's own where something stands between. */
  brokerUrl(user: string, port = this.portOf('nats')): string {
    return `nats://${user}:${this.secrets.brokerUsers[user] ?? ''}@127.0.0.1:${port}`;
  }

  private connection(role: string, database: string, address: string): string {
    const password = role === superuser ? this.secrets.superuser : (this.secrets.roles[role] ?? '');
    return `postgres://${role}:${encodeURIComponent(password)}@${address}/${database}`;
  }

  private tcpAddress(): string {
    return `127.0.0.1:${this.portOf('postgres')}`;
  }

  /** In a connection string, a host that begins with a slash is the folder of a socket (libpq-connect, "Connection URIs"). */
  private socketAddress(): string | undefined {
    if (this.socketFolder === undefined) return undefined;
    return `${encodeURIComponent(this.socketFolder)}:${this.portOf('postgres')}`;
  }
}
