import { kitchenapi, restaurantapi, type values } from '@ftgo/serviceapis';
import { newId, type OutboxRow } from '@ftgo/shared-ts';
import { InMemoryDatabase, inMemoryTransactor, tables } from '@ftgo/shared-ts/in-memory';
import { eventsIn, MessageDriver, repliesIn, testApp, type SentReply } from '@ftgo/shared-ts/testing';
import { inMemoryPorts } from '../src/adapters/ports';
import type { KitchenPorts } from '../src/application';
import { commandHandlers } from '../src/handlers/commands';
import { eventHandlers } from '../src/handlers/events';
import { routes } from '../src/handlers/http';

/** A menu of two dishes. */
export const menu: values.MenuItem[] = [
  { id: 'soup', name: 'Soup', price: 450 },
  { id: 'cake', name: 'Cake', price: 600 },
];

/** What an order of both dishes is for the kitchen. */
export const lineItems: values.TicketLineItem[] = [
  { menuItemId: 'soup', name: 'Soup', quantity: 2 },
  { menuItemId: 'cake', name: 'Cake', quantity: 1 },
];

/** Ids of a ticket and what it belongs to. */
export interface TicketIds {
  readonly ticketId: string;
  readonly restaurantId: string;
  readonly orderId: string;
}

/** The kitchen service as its neighbours see it, on a database in memory. */
export interface Kitchen {
  readonly app: ReturnType<typeof testApp>;
  readonly messages: MessageDriver<KitchenPorts>;
  /** Everything that it has put into its outbox. */
  outbox(): readonly OutboxRow[];
  replies(): SentReply[];
  published(): ReturnType<typeof eventsIn>;
  /** Stored events, by aggregate. */
  streams(): readonly (readonly { type: string; data: unknown }[])[];
  /** A restaurant that serves the menu joins. */
  restaurantJoins(): Promise<string>;
  /** An order's ticket is opened, at a new restaurant. */
  openTicket(): Promise<TicketIds>;
  /** An order's ticket is opened and confirmed. */
  confirmedTicket(): Promise<TicketIds>;
}

export async function startKitchen(): Promise<Kitchen> {
  const database = new InMemoryDatabase();
  const transactor = inMemoryTransactor(database, 'kitchen-service', inMemoryPorts);
  const messages = new MessageDriver('kitchen-service', transactor, [...commandHandlers, ...eventHandlers]);
  await messages.start();
  const outbox = (): readonly OutboxRow[] => database.rows<OutboxRow>(tables.outbox);
  const kitchen: Kitchen = {
    app: testApp(routes(transactor)),
    messages,
    outbox,
    replies: () => repliesIn(outbox()),
    published: () => eventsIn(outbox()),
    streams: () => database.rows(tables.events),
    restaurantJoins: async () => {
      const id = newId();
      const address = { street1: '1 Main Street', city: 'Oakland', state: 'CA', zip: '94611' };
      await messages.event(
        restaurantapi.RestaurantCreated,
        { id, version: 1 },
        { name: 'Ajanta', address, menu },
      );
      return id;
    },
    openTicket: async () => {
      const ids = { ticketId: newId(), restaurantId: await kitchen.restaurantJoins(), orderId: newId() };
      const { orderId, restaurantId } = ids;
      await messages.command(
        kitchenapi.CreateTicket,
        { orderId, restaurantId, ticketDetails: lineItems },
        { id: ids.ticketId },
      );
      return ids;
    },
    confirmedTicket: async () => {
      const ids = await kitchen.openTicket();
      await messages.command(kitchenapi.ConfirmCreateTicket, { ticketId: ids.ticketId });
      return ids;
    },
  };
  return kitchen;
}
