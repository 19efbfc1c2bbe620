/** One service's database: the role that owns it, and the role its relay reads the outbox with, if it has a relay. */
export interface DatabaseDefinition {
  readonly database: string;
  readonly owner: string;
  readonly relay?: string;
}

const withRelay = (database: string): DatabaseDefinition => ({
  database,
  owner: database,
  relay: `${database}_cdc`,
});
const withoutRelay = (database: string): DatabaseDefinition => ({ database, owner: database });

/** The seven databases of the fleet: one for each service, five of them with a relay. */
export const databases: readonly DatabaseDefinition[] = [
  withRelay('accounting'),
  withRelay('consumer'),
  withoutRelay('delivery'),
  withRelay('kitchen'),
  withRelay('ordering'),
  withRelay('restaurant'),
  withoutRelay('order_history'),
];

/** Every role of the given databases, owners and relays. */
export function rolesOf(definitions: readonly DatabaseDefinition[]): string[] {
  return definitions.flatMap(({ owner, relay }) => (relay === undefined ? [owner] : [owner, relay]));
}
