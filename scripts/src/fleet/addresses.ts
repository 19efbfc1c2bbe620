import { operator } from '../infrastructure/broker-users';
import type { PortMap } from './fleet-ports';
import type { Secrets } from './secrets';

/** Where a fleet's processes and servers are on this machine, and what opens them. */
export class Addresses {
  constructor(
    private readonly ports: PortMap,
    private readonly secrets: Secrets,
  ) {}

  /** @throws Error for a name that the fleet does not have */
  portOf(name: string): number {
    const port = this.ports[name];
    if (port === undefined) throw new Error(`the fleet has no "${name}", or was not started`);
    return port;
  }

  /** Connects to the database `postgres` as superuser. */
  get adminUrl(): string {
    return this.connection('postgres', this.secrets.superuser, 'postgres');
  }

  /** Connects as the role, the database's owner if none is given. */
  databaseUrl(database: string, role = database): string {
    return this.connection(role, this.secrets.roles[role] ?? '', database);
  }

  /** Connects to the broker as its operator, who may do everything. */
  get natsUrl(): string {
    return this.brokerUrl(operator);
  }

  /** Connects to the broker as a user, by another port than the broker's own where something stands between. */
  brokerUrl(user: string, port = this.portOf('nats')): string {
    return `nats://${user}:${this.secrets.brokerUsers[user] ?? ''}@127.0.0.1:${port}`;
  }

  private connection(role: string, password: string, database: string): string {
    return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${this.portOf('postgres')}/${database}`;
  }
}
