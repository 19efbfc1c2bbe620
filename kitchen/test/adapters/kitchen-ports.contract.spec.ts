import { join } from 'node:path';
import { EVENTS_PER_SNAPSHOT, newId } from '@ftgo/shared-ts';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import * as application from '../../src/application';
import type { KitchenPorts } from '../../src/application';
import { lineItems, menu } from '../kitchen';

const adapters = {
  serviceId: 'kitchen-service',
  schema: {
    shared: ['event-store', 'outbox', 'inbox', 'idempotency'] as const,
    folder: join(__dirname, '../../migrations'),
  },
  inMemory: inMemoryPorts,
  postgres: postgresPorts,
};
const newMenu = [{ id: 'stew', name: 'Štéw 🍲 “of the day”', price: 0 }];
const noMenu: typeof menu = [];

describe('The kitchen service’s restaurant copies', () => {
  eachStore(adapters, (transactor) => {
    const run = <T>(work: (ports: KitchenPorts) => Promise<T>) => transactor().execute(testContext(), work);
    const find = (id: string) => run((ports) => ports.restaurants.find(id));
    const keep = (id: string, items: typeof menu, version: number) =>
      run((ports) => ports.restaurants.keep({ id, menu: items }, version));

    it('lack a restaurant that nobody has spoken of', async () => {
      expect(await find(newId())).toBeUndefined();
    });

    it('keep a restaurant with its menu, in the menu’s order', async () => {
      const id = newId();
      await keep(id, menu, 1);
      expect(await find(id)).toEqual({ id, menu });
    });

    it('keep the other restaurants as they are', async () => {
      const [one, other] = [newId(), newId()];
      await keep(one, menu, 1);
      await keep(other, newMenu, 1);
      expect(await find(one)).toEqual({ id: one, menu });
      expect(await find(other)).toEqual({ id: other, menu: newMenu });
    });

    it('take a newer menu', async () => {
      const id = newId();
      await keep(id, menu, 1);
      await keep(id, newMenu, 2);
      expect(await find(id)).toEqual({ id, menu: newMenu });
    });

    it('keep the newer menu when the older one comes after it', async () => {
      const id = newId();
      await keep(id, newMenu, 3);
      await keep(id, menu, 1);
      await keep(id, noMenu, 2);
      expect(await find(id)).toEqual({ id, menu: newMenu });
    });

    it('keep the newest menu of those that come at once', async () => {
      const id = newId();
      await Promise.all([keep(id, menu, 1), keep(id, noMenu, 2), keep(id, newMenu, 4), keep(id, menu, 3)]);
      expect(await find(id)).toEqual({ id, menu: newMenu });
    });

    it('give what the same transaction has written, also when it had looked before', async () => {
      const id = newId();
      const seen = await run(async ({ restaurants }) => {
        const before = await restaurants.find(id);
        await restaurants.keep({ id, menu }, 1);
        const first = await restaurants.find(id);
        await restaurants.keep({ id, menu: newMenu }, 2);
        return [before, first, await restaurants.find(id)];
      });
      expect(seen).toEqual([undefined, { id, menu }, { id, menu: newMenu }]);
    });

    it('forget what a transaction that failed has written', async () => {
      const id = newId();
      const failing = run(async ({ restaurants }) => {
        await restaurants.keep({ id, menu }, 1);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      expect(await find(id)).toBeUndefined();
    });
  });
});

describe('The kitchen service’s tickets', () => {
  eachStore(adapters, (transactor) => {
    const run = <T>(work: (ports: KitchenPorts) => Promise<T>) => transactor().execute(testContext(), work);
    const load = (id: string) => run((ports) => ports.tickets.load(id));
    const confirmedTicket = async () => {
      const [ticketId, restaurantId, orderId] = [newId(), newId(), newId()];
      await run(async (ports) => {
        await ports.restaurants.keep({ id: restaurantId, menu }, 1);
        await application.createTicket(ports, { ticketId, orderId, restaurantId, ticketDetails: lineItems });
        await application.confirmCreateTicket(ports, { ticketId });
      });
      return { ticketId, restaurantId, orderId };
    };

    it('lack a ticket that was never opened', async () => {
      expect(await load(newId())).toMatchObject({ version: 0, state: { status: 'NotCreated' } });
    });

    it('keep a ticket', async () => {
      const { ticketId, restaurantId, orderId } = await confirmedTicket();
      expect(await load(ticketId)).toEqual({
        id: ticketId,
        version: 2,
        state: { status: 'AwaitingAcceptance', orderId, restaurantId, lineItems },
      });
    });

    it('keep a ticket that is revised again and again', async () => {
      const { ticketId, restaurantId } = await confirmedTicket();
      for (let soup = 1; soup <= EVENTS_PER_SNAPSHOT; soup++) {
        const revision = { ticketId, restaurantId, revisedQuantities: { soup } };
        await run((ports) => application.beginReviseTicket(ports, revision));
        await run((ports) => application.confirmReviseTicket(ports, revision));
      }
      const { version, state } = await load(ticketId);
      expect(version).toBe(2 + 2 * EVENTS_PER_SNAPSHOT);
      expect(state).toMatchObject({
        lineItems: [{ menuItemId: 'soup', quantity: EVENTS_PER_SNAPSHOT }, { menuItemId: 'cake' }],
      });
    });

    it('let one of an acceptance and a cancellation at once be the first, and never lose either', async () => {
      const { ticketId, restaurantId } = await confirmedTicket();
      const acceptance = {
        ticketId,
        acceptedAt: '2030-01-01T12:00:00.000Z',
        readyBy: '2030-01-01T12:30:00.000Z',
      };
      const [accepted] = await Promise.allSettled([
        run((ports) => application.acceptTicket(ports, acceptance)),
        run((ports) => application.beginCancelTicket(ports, { ticketId, restaurantId })),
      ]);
      const before = accepted.status === 'fulfilled' ? 'Accepted' : 'AwaitingAcceptance';
      expect((await load(ticketId)).state).toMatchObject({
        status: 'CancelPending',
        before: { status: before },
      });
    });
  });
});
