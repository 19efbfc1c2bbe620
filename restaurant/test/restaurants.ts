import { InMemoryDatabase, inMemoryTransactor, tables } from '@ftgo/shared-ts/in-memory';
import { eventsIn, MessageDriver, testApp } from '@ftgo/shared-ts/testing';
import type { OutboxRow } from '@ftgo/shared-ts';
import { inMemoryPorts } from '../src/adapters/ports';
import type { RestaurantPorts } from '../src/application';
import { commandHandlers } from '../src/handlers/commands';
import { routes } from '../src/handlers/http';

export const address = { street1: '1 Main Street', city: 'Oakland', state: 'CA', zip: '94611' };
export const soup = { id: 'soup', name: 'Soup', price: 450 };
export const cake = { id: 'cake', name: 'Cake', price: 600 };

/** A restaurant as it sends itself. */
export const ajanta = { name: 'Ajanta', address, menu: { menu_items: [soup, cake] } };

/** The restaurant service as its neighbours see it, on a database in memory. */
export interface RestaurantService {
  readonly app: ReturnType<typeof testApp>;
  readonly messages: MessageDriver<RestaurantPorts>;
  /** Everything that it has put into its outbox. */
  outbox(): readonly OutboxRow[];
  published(): ReturnType<typeof eventsIn>;
}

export async function startRestaurants(): Promise<RestaurantService> {
  const database = new InMemoryDatabase();
  const transactor = inMemoryTransactor(database, 'restaurant-service', inMemoryPorts);
  const messages = new MessageDriver('restaurant-service', transactor, commandHandlers);
  await messages.start();
  const outbox = (): readonly OutboxRow[] => database.rows<OutboxRow>(tables.outbox);
  return { app: testApp(routes(transactor)), messages, outbox, published: () => eventsIn(outbox()) };
}
