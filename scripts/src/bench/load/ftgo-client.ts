import { setTimeout as sleep } from 'node:timers/promises';
import { HttpClient, textIn, type Answer } from './http-client';
import { OrderEvents } from './order-events';

/** Where the fleet answers. */
export interface Addresses {
  /** URLs by process name, without a slash at the end. */
  readonly services: Readonly<Record<string, string>>;
  readonly natsUrl: string;
}

/** An order that was approved. */
export interface ApprovedOrder {
  readonly orderId: string;
  readonly ticketId: string;
}

const address = { street1: '1 High Street', city: 'Oakland', state: 'CA', zip: '94612' };
const menu = [
  { id: 'curry', name: 'Vindaloo Curry', price: 1234 },
  { id: 'bread', name: 'Garlic Naan', price: 350 },
];
/** How the saga that places an order ends. */
const endings = ['orderapi.OrderApproved', 'orderapi.OrderRejected'];
/** A far time to come. */
const later = '2099-01-31T18:30:00.000Z';

/** FTGO as a client that is in a hurry sees it: requests, and the orders' events from the broker. */
export class FtgoClient {
  private readonly http = new HttpClient();
  private readonly probes = new HttpClient({ keepAlive: false });

  private constructor(
    private readonly services: Addresses['services'],
    private readonly events: OrderEvents,
  ) {}

  static async connect({ services, natsUrl }: Addresses): Promise<FtgoClient> {
    return new FtgoClient(services, await OrderEvents.open(natsUrl));
  }

  async close(): Promise<void> {
    this.http.close();
    this.probes.close();
    await this.events.close();
  }

  /** Registers a consumer and waits for the account. */
  async consumer(): Promise<string> {
    const made = await this.http.expect(201, 'POST', this.url('consumer-service', 'consumers'), {
      name: 'Homer Simpson',
    });
    const id = textIn(made, 'id');
    await this.untilKnown(this.url('accounting-service', `accounts/${id}`));
    return id;
  }

  /** Makes a restaurant and waits until orders can be placed there and cooked. */
  async restaurant(): Promise<string> {
    const body = { name: 'The Kitchen', address, menu: { menu_items: menu } };
    const made = await this.http.expect(201, 'POST', this.url('restaurant-service', 'restaurants'), body);
    const id = textIn(made, 'id');
    for (const service of ['order-service', 'kitchen-service'])
      await this.untilKnown(this.url(service, `restaurants/${id}`));
    return id;
  }

  /** Makes a courier who can be given deliveries. */
  async courier(id: string): Promise<void> {
    await this.http.expect(200, 'POST', this.url('delivery-service', `couriers/${id}/availability`), {
      available: true,
    });
  }

  /** Places an order and waits until its approval is on the broker. */
  async order(consumerId: string, restaurantId: string): Promise<ApprovedOrder> {
    const answer = await this.tryOrder(consumerId, restaurantId);
    if (answer.orderId === undefined)
      throw new Error(`POST orders answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    const { name, payload } = await this.events.next(answer.orderId, endings);
    if (name !== 'orderapi.OrderApproved') throw new Error(`order ${answer.orderId} was rejected`);
    return { orderId: answer.orderId, ticketId: textIn(payload, 'ticketId') };
  }

  /** Asks for an order and gives the answer, with the order's id when it was accepted. */
  async tryOrder(
    consumerId: string,
    restaurantId: string,
  ): Promise<Answer & { readonly orderId: string | undefined }> {
    const answer = await this.http.send('POST', this.url('order-service', 'orders'), {
      consumer_id: consumerId,
      restaurant_id: restaurantId,
      delivery_time: later,
      delivery_address: address,
      line_items: { curry: 2, bread: 1 },
    });
    return { ...answer, orderId: answer.status === 201 ? textIn(answer.body, 'id') : undefined };
  }

  /** Asks the order service by a connection of its own whether it is ready, as a load balancer does. */
  async probe(): Promise<void> {
    await this.probes.expect(200, 'GET', `${this.services['order-service'] ?? ''}/ready`);
  }

  /** Waits until an order's approval or rejection is on the broker. */
  async end(orderId: string): Promise<'approved' | 'rejected'> {
    const { name } = await this.events.next(orderId, endings);
    return name === 'orderapi.OrderApproved' ? 'approved' : 'rejected';
  }

  /** Cancels an order and waits until that is on the broker. */
  async cancel(orderId: string): Promise<void> {
    await this.http.expect(202, 'PUT', this.url('order-service', `orders/${orderId}/cancel`));
    await this.events.next(orderId, ['orderapi.OrderCancelled']);
  }

  /** Revises an order and waits until that is on the broker. */
  async revise(orderId: string): Promise<void> {
    await this.http.expect(202, 'PUT', this.url('order-service', `orders/${orderId}/revise`), {
      revised_quantities: { curry: 3 },
    });
    await this.events.next(orderId, ['orderapi.OrderRevised']);
  }

  /** Accepts a ticket; its delivery is scheduled some time after. */
  async accept(ticketId: string): Promise<void> {
    const url = this.url('kitchen-service', `tickets/${ticketId}/accept`);
    await this.http.expect(202, 'POST', url, { ready_by: later });
  }

  /** Asks for a delivery until it is scheduled. */
  async untilScheduled(orderId: string): Promise<void> {
    const url = this.url('delivery-service', `deliveries/${orderId}`);
    for (;;) {
      const { body } = await this.http.send('GET', url);
      if (JSON.stringify(body)?.includes('"SCHEDULED"')) return;
      await sleep(1);
    }
  }

  /** The newest orders of a consumer that have a word in them. */
  async search(consumerId: string): Promise<void> {
    const query = `consumerID=${consumerId}&filter[keywords]=curry`;
    await this.http.expect(200, 'GET', this.url('order-history-service', `orders?${query}`));
  }

  /** The order service's state of an order. */
  async state(orderId: string): Promise<string> {
    const body = await this.http.expect(200, 'GET', this.url('order-service', `orders/${orderId}`));
    return textIn(body, 'state');
  }

  /** The history's status of an order, undefined while it has not heard of it. */
  async historyStatus(orderId: string): Promise<string | undefined> {
    const answer = await this.http.send('GET', this.url('order-history-service', `orders/${orderId}`));
    return answer.status === 200 ? textIn(answer.body, 'status') : undefined;
  }

  private url(service: string, path: string): string {
    return `${this.services[service] ?? ''}/api/${path}`;
  }

  private async untilKnown(url: string): Promise<void> {
    while ((await this.http.send('GET', url)).status !== 200) await sleep(5);
  }
}
