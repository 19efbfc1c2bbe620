/**
 * One process of the fleet. `entry` is the file that it runs, relative to the repository; `role` is the
 * PostgreSQL role it connects with, `port` where it listens on the host unless told otherwise.
 */
export interface ProcessDefinition {
  readonly id: string;
  readonly kind: 'service' | 'relay';
  readonly folder: string;
  readonly entry: string;
  readonly port: number;
  readonly database: string;
  readonly role: string;
}

function service(id: string, folder: string, port: number, database: string): ProcessDefinition {
  const entry = `${folder}/dist/cmd/service/bundle.js`;
  return { id, kind: 'service', folder, entry, port, database, role: database };
}

function relay(id: string, folder: string, port: number, database: string): ProcessDefinition {
  const entry = `${folder}/dist/cmd/cdc/bundle.js`;
  return { id, kind: 'relay', folder, entry, port, database, role: `${database}_cdc` };
}

/**
 * The twelve processes, services before relays: a relay can do nothing before its sibling's migrations have run.
 * This table is the only one; launcher, tests and benchmarks all read it.
 */
export const processes: readonly ProcessDefinition[] = [
  service('accounting-service', 'accounting', 8001, 'accounting'),
  service('consumer-service', 'consumer', 8002, 'consumer'),
  service('delivery-service', 'delivery', 8003, 'delivery'),
  service('kitchen-service', 'kitchen', 8004, 'kitchen'),
  service('order-service', 'order', 8005, 'ordering'),
  service('restaurant-service', 'restaurant', 8006, 'restaurant'),
  service('order-history-service', 'order-history', 8015, 'order_history'),
  relay('accounting-cdc', 'accounting', 8101, 'accounting'),
  relay('consumer-cdc', 'consumer', 8102, 'consumer'),
  relay('kitchen-cdc', 'kitchen', 8104, 'kitchen'),
  relay('order-cdc', 'order', 8105, 'ordering'),
  relay('restaurant-cdc', 'restaurant', 8106, 'restaurant'),
];

/** The same, of one file for each module: only there can a module be reached, and changed, from outside. */
export const unbundledProcesses: readonly ProcessDefinition[] = processes.map((each) => ({
  ...each,
  entry: each.entry.replace(/bundle\.js$/, 'main.js'),
}));
