import { kitchenapi, restaurantapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import request from 'supertest';
import { lineItems, menu, startKitchen, type Kitchen } from '../kitchen';

const address = { street1: '1 Main Street', city: 'Oakland', state: 'CA', zip: '94611' };
const SUCCESS = { outcome: 'SUCCESS', name: 'msg.Success', payload: {} };
const failure = (reason: string) => ({ outcome: 'FAILURE', name: 'msg.Failure', payload: { reason } });
/** How often a command may wait for what it does not find yet. */
const LAST_DELIVERY = 5;

describe('The kitchen service over messages', () => {
  let kitchen: Kitchen;
  let orderId: string;

  beforeEach(async () => {
    kitchen = await startKitchen();
    orderId = newId();
  });
  afterEach(() => kitchen.messages.stop());

  const look = async (ticketId: string) =>
    (await request(kitchen.app).get(`/api/tickets/${ticketId}`)).body as { state?: string };
  const lastReply = () => kitchen.replies().at(-1);
  const eventTypes = () =>
    kitchen
      .streams()
      .flat()
      .map(({ type }) => type);
  const create = (restaurantId: string, arrival: { id?: string; deliveryCount?: number } = {}) =>
    kitchen.messages.command(
      kitchenapi.CreateTicket,
      { orderId, restaurantId, ticketDetails: lineItems },
      arrival,
    );
  const joined = (id: string, items = menu, version = 1) =>
    kitchen.messages.event(
      restaurantapi.RestaurantCreated,
      { id, version },
      { name: 'Ajanta', address, menu: items },
    );
  const menuRevised = (id: string, items: typeof menu, version: number) =>
    kitchen.messages.event(restaurantapi.RestaurantMenuRevised, { id, version }, { menu: items });

  describe('restaurants', () => {
    it('RestaurantCreated makes the restaurant known, with its menu', async () => {
      const restaurantId = newId();
      await expect(joined(restaurantId)).resolves.toBe('acknowledged');
      await create(restaurantId);
      expect(lastReply()).toMatchObject({ outcome: 'SUCCESS' });
    });

    it('RestaurantMenuRevised replaces the menu', async () => {
      const restaurantId = newId();
      await joined(restaurantId, []);
      await menuRevised(restaurantId, menu, 2);
      await create(restaurantId);
      expect(lastReply()).toMatchObject({ outcome: 'SUCCESS' });
    });

    it('an older menu that comes late changes nothing', async () => {
      const restaurantId = newId();
      await menuRevised(restaurantId, menu, 3);
      await menuRevised(restaurantId, [], 2);
      await joined(restaurantId, []);
      await create(restaurantId);
      expect(lastReply()).toMatchObject({ outcome: 'SUCCESS' });
    });
  });

  describe('CreateTicket', () => {
    it('opens a ticket with the command’s id, and replies with it', async () => {
      const restaurantId = await kitchen.restaurantJoins();
      const id = newId();
      await expect(create(restaurantId, { id })).resolves.toBe('acknowledged');
      expect(kitchen.replies()).toEqual([
        {
          inReplyTo: id,
          outcome: 'SUCCESS',
          name: 'kitchenapi.CreateTicketReply',
          payload: { ticketId: id },
        },
      ]);
      expect(await look(id)).toMatchObject({ order_id: orderId, state: 'CreatePending' });
      expect(kitchen.published()).toEqual([]);
    });

    it('opens one with an id of its own for a sender that numbers its commands otherwise', async () => {
      const restaurantId = await kitchen.restaurantJoins();
      await create(restaurantId, { id: 'command-7' });
      const { ticketId } = kitchenapi.CreateTicketReply.payload.parse(lastReply()?.payload);
      expect(await look(ticketId)).toMatchObject({ order_id: orderId });
    });

    it('that comes twice opens one ticket, and gets the same reply again', async () => {
      const restaurantId = await kitchen.restaurantJoins();
      const id = newId();
      await create(restaurantId, { id });
      await create(restaurantId, { id, deliveryCount: 2 });
      expect(eventTypes()).toEqual(['kitchen.TicketOpened']);
      const [first] = kitchen.replies();
      expect(first).toMatchObject({ inReplyTo: id, outcome: 'SUCCESS' });
      expect(kitchen.replies()).toEqual([first, first]);
      expect(new Set(kitchen.outbox().map((row) => row.id)).size).toBe(2);
    });

    it('that comes after its CancelCreateTicket opens no ticket', async () => {
      const restaurantId = await kitchen.restaurantJoins();
      const id = newId();
      await kitchen.messages.command(kitchenapi.CancelCreateTicket, { ticketId: id });
      expect(lastReply()).toMatchObject(SUCCESS);
      await create(restaurantId, { id });
      expect(lastReply()).toMatchObject({ ...failure('TICKET_STATE'), inReplyTo: id });
      await request(kitchen.app).get(`/api/tickets/${id}`).expect(404);
      expect(eventTypes()).toEqual(['kitchen.TicketForestalled']);
    });

    it('that comes again when the inbox has forgotten it opens no second ticket either', async () => {
      const restaurantId = await kitchen.restaurantJoins();
      const id = newId();
      await create(restaurantId, { id });
      await menuRevised(restaurantId, [], 2);
      // The same UUID, written otherwise: to the inbox it is another message.
      await create(restaurantId, { id: id.toUpperCase() });
      expect(eventTypes()).toEqual(['kitchen.TicketOpened']);
      expect(lastReply()).toMatchObject({ outcome: 'SUCCESS', payload: { ticketId: id } });
    });

    it('waits for a restaurant that is not known yet', async () => {
      const restaurantId = newId();
      const id = newId();
      await expect(create(restaurantId, { id })).resolves.toBe('sent back');
      expect(kitchen.replies()).toEqual([]);
      await joined(restaurantId);
      await expect(create(restaurantId, { id, deliveryCount: 2 })).resolves.toBe('acknowledged');
      expect(lastReply()).toMatchObject({ outcome: 'SUCCESS', payload: { ticketId: id } });
    });

    it('waits for an item that is not on the menu yet', async () => {
      const restaurantId = newId();
      const id = newId();
      await joined(restaurantId, menu.slice(0, 1));
      await expect(create(restaurantId, { id })).resolves.toBe('sent back');
      await menuRevised(restaurantId, menu, 2);
      await expect(create(restaurantId, { id, deliveryCount: 2 })).resolves.toBe('acknowledged');
      expect(lastReply()).toMatchObject({ outcome: 'SUCCESS', payload: { ticketId: id } });
    });

    it('fails when the restaurant stays unknown', async () => {
      await expect(create(newId(), { deliveryCount: LAST_DELIVERY })).resolves.toBe('acknowledged');
      expect(lastReply()).toMatchObject(failure('RESTAURANT_NOT_FOUND'));
    });

    it('fails when the menu stays without an item', async () => {
      const restaurantId = newId();
      await joined(restaurantId, menu.slice(0, 1));
      await expect(create(restaurantId, { deliveryCount: LAST_DELIVERY })).resolves.toBe('acknowledged');
      expect(lastReply()).toMatchObject(failure('MENU_ITEM_NOT_FOUND'));
      expect(kitchen.streams()).toEqual([]);
    });

    it('that arrives together with its restaurant opens the ticket, at the latest when it is delivered again', async () => {
      const restaurantId = newId();
      const id = newId();
      const [settled] = await Promise.all([create(restaurantId, { id }), joined(restaurantId)]);
      if (settled === 'sent back') await create(restaurantId, { id, deliveryCount: 2 });
      expect(kitchen.replies()).toMatchObject([{ outcome: 'SUCCESS', payload: { ticketId: id } }]);
    });
  });

  describe('the creation', () => {
    it('ConfirmCreateTicket shows the ticket to the restaurant and tells the others', async () => {
      const { ticketId, ...ids } = await kitchen.openTicket();
      await kitchen.messages.command(kitchenapi.ConfirmCreateTicket, { ticketId });
      expect(lastReply()).toMatchObject(SUCCESS);
      expect(await look(ticketId)).toMatchObject({ state: 'AwaitingAcceptance' });
      expect(kitchen.published()).toEqual([
        {
          channel: 'kitchenservice.Ticket',
          name: 'kitchenapi.TicketCreated',
          id: ticketId,
          version: 2,
          payload: { ...ids, lineItems },
        },
      ]);
    });

    it('ConfirmCreateTicket again succeeds and is no news', async () => {
      const { ticketId } = await kitchen.confirmedTicket();
      await kitchen.messages.command(kitchenapi.ConfirmCreateTicket, { ticketId });
      expect(lastReply()).toMatchObject(SUCCESS);
      expect(kitchen.published()).toHaveLength(1);
    });

    it('CancelCreateTicket discards the ticket, and nobody hears of it; again, too', async () => {
      const { ticketId } = await kitchen.openTicket();
      await kitchen.messages.command(kitchenapi.CancelCreateTicket, { ticketId });
      await kitchen.messages.command(kitchenapi.CancelCreateTicket, { ticketId });
      expect(kitchen.replies().slice(-2)).toMatchObject([SUCCESS, SUCCESS]);
      expect(await look(ticketId)).toMatchObject({ state: 'Cancelled' });
      expect(eventTypes()).toEqual(['kitchen.TicketOpened', 'kitchen.TicketDiscarded']);
      expect(kitchen.published()).toEqual([]);
    });
  });

  describe('a cancellation', () => {
    it('is begun and confirmed, and then the others hear of it, once', async () => {
      const { ticketId, restaurantId, orderId: cancelledOrder } = await kitchen.confirmedTicket();
      await kitchen.messages.command(kitchenapi.BeginCancelTicket, { ticketId, restaurantId });
      expect(await look(ticketId)).toMatchObject({ state: 'CancelPending' });
      expect(kitchen.published()).toHaveLength(1);
      for (const _ of ['once', 'twice'])
        await kitchen.messages.command(kitchenapi.ConfirmCancelTicket, { ticketId, restaurantId });
      expect(kitchen.replies().slice(-3)).toMatchObject([SUCCESS, SUCCESS, SUCCESS]);
      expect(await look(ticketId)).toMatchObject({ state: 'Cancelled' });
      expect(kitchen.published().slice(1)).toMatchObject([
        { name: 'kitchenapi.TicketCancelled', version: 4, payload: { orderId: cancelledOrder } },
      ]);
    });

    it('is begun and undone, and the ticket is what it was', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      const before = await look(ticketId);
      await kitchen.messages.command(kitchenapi.BeginCancelTicket, { ticketId, restaurantId });
      for (const _ of ['once', 'twice'])
        await kitchen.messages.command(kitchenapi.UndoCancelTicket, { ticketId, restaurantId });
      expect(kitchen.replies().slice(-3)).toMatchObject([SUCCESS, SUCCESS, SUCCESS]);
      expect(await look(ticketId)).toEqual(before);
      expect(kitchen.published()).toHaveLength(1);
    });

    it('whose undoing in doubt comes first is not begun any more', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      const sagaId = newId();
      const ticket = { ticketId, restaurantId };
      const inDoubt = { sagaId, attributes: { indoubt: 'true' } };
      await kitchen.messages.command(kitchenapi.UndoCancelTicket, ticket, inDoubt);
      expect(lastReply()).toMatchObject(SUCCESS);
      await kitchen.messages.command(kitchenapi.BeginCancelTicket, ticket, { sagaId });
      expect(lastReply()).toMatchObject(failure('TICKET_STATE'));
      expect(await look(ticketId)).toMatchObject({ state: 'AwaitingAcceptance' });
      await kitchen.messages.command(kitchenapi.BeginCancelTicket, ticket);
      expect(lastReply()).toMatchObject(SUCCESS);
    });

    it('fails for a ticket that is not confirmed', async () => {
      const { ticketId, restaurantId } = await kitchen.openTicket();
      await kitchen.messages.command(kitchenapi.BeginCancelTicket, { ticketId, restaurantId });
      expect(lastReply()).toMatchObject(failure('TICKET_STATE'));
    });
  });

  describe('a revision', () => {
    const revisedQuantities = { soup: 5, cake: 0 };

    it('is begun and confirmed, and then the quantities change, once', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      const revision = { ticketId, restaurantId, revisedQuantities };
      await kitchen.messages.command(kitchenapi.BeginReviseTicket, revision);
      expect(await look(ticketId)).toMatchObject({ state: 'RevisionPending' });
      for (const _ of ['once', 'twice'])
        await kitchen.messages.command(kitchenapi.ConfirmReviseTicket, revision);
      expect(kitchen.replies().slice(-3)).toMatchObject([SUCCESS, SUCCESS, SUCCESS]);
      expect(await look(ticketId)).toMatchObject({
        state: 'AwaitingAcceptance',
        line_items: [
          { menu_item_id: 'soup', quantity: 5 },
          { menu_item_id: 'cake', quantity: 0 },
        ],
      });
      expect(kitchen.published().slice(1)).toMatchObject([
        { name: 'kitchenapi.TicketRevised', version: 4, payload: { revisedQuantities } },
      ]);
    });

    it('is begun and undone, and the ticket is what it was', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      const before = await look(ticketId);
      await kitchen.messages.command(kitchenapi.BeginReviseTicket, {
        ticketId,
        restaurantId,
        revisedQuantities,
      });
      for (const _ of ['once', 'twice'])
        await kitchen.messages.command(kitchenapi.UndoReviseTicket, { ticketId, restaurantId });
      expect(kitchen.replies().slice(-3)).toMatchObject([SUCCESS, SUCCESS, SUCCESS]);
      expect(await look(ticketId)).toEqual(before);
    });

    it('whose undoing in doubt comes first is not begun any more', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      const sagaId = newId();
      const inDoubt = { sagaId, attributes: { indoubt: 'true' } };
      await kitchen.messages.command(kitchenapi.UndoReviseTicket, { ticketId, restaurantId }, inDoubt);
      expect(lastReply()).toMatchObject(SUCCESS);
      const revision = { ticketId, restaurantId, revisedQuantities };
      await kitchen.messages.command(kitchenapi.BeginReviseTicket, revision, { sagaId });
      expect(lastReply()).toMatchObject(failure('TICKET_STATE'));
      expect(await look(ticketId)).toMatchObject({ state: 'AwaitingAcceptance' });
    });

    it('of an item that the ticket lacks fails', async () => {
      const { ticketId, restaurantId } = await kitchen.confirmedTicket();
      const revision = { ticketId, restaurantId, revisedQuantities: { bread: 1 } };
      await kitchen.messages.command(kitchenapi.BeginReviseTicket, revision);
      expect(lastReply()).toMatchObject(failure('TICKET_ITEM_NOT_FOUND'));
      expect(await look(ticketId)).toMatchObject({ state: 'AwaitingAcceptance' });
    });
  });

  describe('every command for a ticket', () => {
    const commands = [
      kitchenapi.BeginCancelTicket,
      kitchenapi.ConfirmCancelTicket,
      kitchenapi.UndoCancelTicket,
      kitchenapi.BeginReviseTicket,
      kitchenapi.ConfirmReviseTicket,
      kitchenapi.UndoReviseTicket,
    ];
    const about = (ticketId: string, restaurantId: string) => ({
      ticketId,
      restaurantId,
      revisedQuantities: { soup: 3 },
    });

    it.each([kitchenapi.ConfirmCreateTicket, ...commands])(
      '$name fails when there is no such ticket',
      async (type) => {
        await expect(kitchen.messages.command(type, about(newId(), newId()))).resolves.toBe('acknowledged');
        expect(lastReply()).toMatchObject(failure('TICKET_NOT_FOUND'));
      },
    );

    it.each(commands)('$name fails when the ticket is another restaurant’s', async (type) => {
      const { ticketId } = await kitchen.confirmedTicket();
      await kitchen.messages.command(type, about(ticketId, newId()));
      expect(lastReply()).toMatchObject(failure('TICKET_OF_ANOTHER_RESTAURANT'));
    });
  });

  it('sets aside a command of which a part is missing', async () => {
    const type = { ...kitchenapi.CreateTicket, payload: kitchenapi.ConfirmCreateTicket.payload };
    await expect(kitchen.messages.command(type, { ticketId: newId() })).resolves.toBe('set aside');
  });

  it('opens all tickets that arrive at once, each for its order', async () => {
    const restaurantId = await kitchen.restaurantJoins();
    const ids = Array.from({ length: 20 }, () => newId());
    await Promise.all(ids.map((id) => create(restaurantId, { id })));
    expect(new Set(kitchen.replies().map(({ inReplyTo }) => inReplyTo))).toEqual(new Set(ids));
    expect(kitchen.replies().every(({ outcome }) => outcome === 'SUCCESS')).toBe(true);
  });
});
