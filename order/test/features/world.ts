import request from 'supertest';
import { channels, http, restaurantapi } from '@ftgo/serviceapis';
import { newId, SUCCESS, type OutboxRow, type Reply } from '@ftgo/shared-ts';
import { OrderService } from '../order-service';
import { home, ids } from '../sample-orders';

/** The services that an order depends on, by their channels. */
const others = {
  consumer: channels.commands.consumer,
  kitchen: channels.commands.kitchen,
  accounting: channels.commands.accounting,
};
export type Other = keyof typeof others;

type Menu = { id: string; name: string; price: number }[];

/** What happens around one order: its consumer by HTTP, the other services by messages. */
export class World {
  private readonly service = new OrderService();
  private readonly restaurantId = newId();
  private menuVersion = 0;
  private orderId = '';
  private answer: { readonly body: unknown } = { body: {} };
  private readonly delivered = new Set<string>();

  start(): Promise<void> {
    return this.service.messages.start();
  }

  stop(): Promise<void> {
    return this.service.messages.stop();
  }

  async restaurantJoins(name: string, menu: Menu): Promise<void> {
    this.menuVersion = 1;
    const about = { id: this.restaurantId, version: 1 };
    await this.service.messages.event(restaurantapi.RestaurantCreated, about, { name, address: home, menu });
  }

  async menuIsRevised(menu: Menu): Promise<void> {
    this.menuVersion += 1;
    const about = { id: this.restaurantId, version: this.menuVersion };
    await this.service.messages.event(restaurantapi.RestaurantMenuRevised, about, { menu });
  }

  async order(lineItems: Readonly<Record<string, number>>): Promise<void> {
    this.answer = await request(this.service.app).post('/api/orders').send({
      consumer_id: ids.consumer,
      restaurant_id: this.restaurantId,
      delivery_time: '2030-01-31T18:30:00Z',
      delivery_address: home,
      line_items: lineItems,
    });
    this.orderId = (this.answer.body as { id?: string }).id ?? '';
  }

  async cancel(): Promise<void> {
    this.answer = await request(this.service.app).put(`/api/orders/${this.orderId}/cancel`);
  }

  async revise(quantities: Readonly<Record<string, number>>): Promise<void> {
    this.answer = await request(this.service.app)
      .put(`/api/orders/${this.orderId}/revise`)
      .send({ revised_quantities: quantities });
  }

  /** Delivers all messages until no more come; the service that refuses does so once. */
  async settle(refusing?: Other): Promise<void> {
    let refusal = refusing;
    for (let row = this.next(); row !== undefined; row = this.next()) {
      this.delivered.add(row.id);
      if (row.headers['ce-messagekind'] === 'reply') continue;
      if (row.channel.startsWith('orderservice')) {
        await this.deliver(row);
      } else {
        const refuses = refusal !== undefined && row.channel === others[refusal];
        if (refuses) refusal = undefined;
        await this.service.messages.reply(row, refuses ? refused : this.agreed(row));
      }
    }
  }

  async shown(): Promise<ReturnType<typeof http.order.View.parse>> {
    const answer = await request(this.service.app).get(`/api/orders/${this.orderId}`).expect(200);
    return http.order.View.parse(answer.body);
  }

  /** The reason of the last request's refusal. */
  refusal(): string | undefined {
    return (this.answer.body as { code?: string }).code;
  }

  /** Names of the commands that the kitchen got. */
  toldTheKitchen(): string[] {
    return this.service
      .commands()
      .filter(({ channel }) => channel === channels.commands.kitchen)
      .map(({ headers }) => headers['ce-type'] ?? '');
  }

  private next(): OutboxRow | undefined {
    return this.service.outbox().find(({ id }) => !this.delivered.has(id));
  }

  /** A message of the order service to itself; a command's reply follows at once. */
  private async deliver(row: OutboxRow): Promise<void> {
    await this.service.messages.raw(`ftgo.${row.channel}`, row.headers, Buffer.from(row.payload));
    const reply = this.service.replies().find(({ inReplyTo }) => inReplyTo === row.id);
    if (reply !== undefined) await this.service.messages.reply(row, reply);
  }

  private agreed(command: OutboxRow): Reply {
    return command.headers['ce-type'] === 'kitchenapi.CreateTicket'
      ? { outcome: 'SUCCESS', name: 'kitchenapi.CreateTicketReply', payload: { ticketId: ids.ticket } }
      : SUCCESS;
  }
}

const refused: Reply = { outcome: 'FAILURE', name: 'msg.Failure', payload: { reason: 'REFUSED' } };
