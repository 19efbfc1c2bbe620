import { randomUUID } from 'node:crypto';
import { http } from '@ftgo/serviceapis';
import { eventually } from '@ftgo/shared-ts/testing';
import type { z } from 'zod';

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  /** Its Retry-After, where there is one. */
  readonly retryAfter?: string;
  readonly body: unknown;
}

export type OrderView = z.infer<typeof http.order.View>;
export type TicketView = z.infer<typeof http.kitchen.View>;
export type DeliveryView = z.infer<typeof http.delivery.View>;

/** An order with what it was placed for. */
export interface PlacedOrder {
  readonly consumerId: string;
  readonly restaurantId: string;
  readonly orderId: string;
}

/** What {@link FtgoApi.placeOrder} is told. */
export interface OrderWish {
  readonly consumerId: string;
  readonly restaurantId: string;
  readonly lineItems?: Readonly<Record<string, number>>;
}

/** Curry and bread, in cents. */
export const menu = [
  { id: 'curry', name: 'Vindaloo Curry', price: 1234 },
  { id: 'bread', name: 'Garlic Naan', price: 350 },
];

const address = { street1: '1 High Street', city: 'Oakland', state: 'CA', zip: '94612' };

/** A far time to come. */
export const READY_BY = '2099-01-31T18:30:00.000Z';

/** FTGO as its clients see it: HTTP and nothing else. What is looked at must have the shape that its route promises. */
export class FtgoApi {
  /** @param urlOf where a service answers, by its id */
  constructor(private readonly urlOf: (service: string) => string) {}

  async send(
    service: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.urlOf(service)}${path}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const retryAfter = response.headers.get('retry-after');
    return {
      status: response.status,
      ...(retryAfter !== null && { retryAfter }),
      body: isJson ? (JSON.parse(text) as unknown) : text,
    };
  }

  order(id: string): Promise<OrderView> {
    return this.look('order-service', `/api/orders/${id}`, http.order.View);
  }

  ticket(id: string): Promise<TicketView> {
    return this.look('kitchen-service', `/api/tickets/${id}`, http.kitchen.View);
  }

  delivery(id: string): Promise<DeliveryView> {
    return this.look('delivery-service', `/api/deliveries/${id}`, http.delivery.View);
  }

  courier(id: string): Promise<z.infer<typeof http.delivery.CourierView>> {
    return this.look('delivery-service', `/api/couriers/${id}`, http.delivery.CourierView);
  }

  history(id: string): Promise<z.infer<typeof http.orderHistory.View>> {
    return this.look('order-history-service', `/api/orders/${id}`, http.orderHistory.View);
  }

  search(query: string): Promise<z.infer<typeof http.orderHistory.Page>> {
    return this.look('order-history-service', `/api/orders?${query}`, http.orderHistory.Page);
  }

  /** Registers a consumer and waits for the account. */
  async consumer(): Promise<string> {
    const id = await this.make('consumer-service', '/api/consumers', { name: 'Homer Simpson' });
    await eventually(() => this.look('accounting-service', `/api/accounts/${id}`, http.accounting.View));
    return id;
  }

  /** Makes a restaurant and waits until orders can be placed there and cooked. */
  async restaurant(name = 'The Kitchen'): Promise<string> {
    const body = { name, address, menu: { menu_items: menu } };
    const id = await this.make('restaurant-service', '/api/restaurants', body);
    for (const service of ['order-service', 'kitchen-service'])
      await eventually(() => this.look(service, `/api/restaurants/${id}`, http.IdBody));
    return id;
  }

  /** Places an order. */
  async placeOrder(wish: OrderWish, headers: Readonly<Record<string, string>> = {}): Promise<PlacedOrder> {
    const { consumerId, restaurantId, lineItems = { curry: 2, bread: 1 } } = wish;
    const body = {
      consumer_id: consumerId,
      restaurant_id: restaurantId,
      delivery_time: READY_BY,
      delivery_address: address,
      line_items: lineItems,
    };
    const orderId = await this.make('order-service', '/api/orders', body, {
      'Idempotency-Key': randomUUID(),
      ...headers,
    });
    return { consumerId, restaurantId, orderId };
  }

  /** An approved order of a consumer and at a restaurant of its own, 2818 cents; and, where asked for, its ticket accepted. */
  async approvedOrder(options: { accepted?: boolean } = {}): Promise<PlacedOrder & { ticketId: string }> {
    const [consumerId, restaurantId] = await Promise.all([this.consumer(), this.restaurant()]);
    const placed = await this.placeOrder({ consumerId, restaurantId });
    const { ticket_id: ticketId = '' } = await this.untilOrderIs(placed.orderId, 'Approved');
    if (options.accepted === true) {
      await this.accept(ticketId);
      await this.untilDeliveryIs(placed.orderId, 'SCHEDULED');
    }
    return { ...placed, ticketId };
  }

  async accept(ticketId: string): Promise<void> {
    const path = `/api/tickets/${ticketId}/accept`;
    expect(await this.send('kitchen-service', 'POST', path, { ready_by: READY_BY })).toEqual({
      status: 202,
      body: { id: ticketId },
    });
  }

  async cancel(orderId: string): Promise<void> {
    expect(await this.send('order-service', 'PUT', `/api/orders/${orderId}/cancel`)).toEqual({
      status: 202,
      body: { status: 'CancelPending' },
    });
  }

  async revise(orderId: string, quantities: Readonly<Record<string, number>>): Promise<void> {
    const body = { revised_quantities: quantities };
    expect(await this.send('order-service', 'PUT', `/api/orders/${orderId}/revise`, body)).toEqual({
      status: 202,
      body: { status: 'RevisionPending' },
    });
  }

  async setAccount(consumerId: string, what: 'disable' | 'enable'): Promise<void> {
    const answer = await this.send('accounting-service', 'PUT', `/api/accounts/${consumerId}/${what}`);
    expect(answer).toEqual({ status: 200, body: { id: consumerId } });
  }

  async reviseMenu(restaurantId: string, items: readonly (typeof menu)[number][]): Promise<void> {
    const body = { menu: { menu_items: items } };
    const path = `/api/restaurants/${restaurantId}/menu`;
    expect((await this.send('restaurant-service', 'PUT', path, body)).status).toBe(200);
  }

  untilOrderIs(id: string, state: OrderView['state']): Promise<OrderView> {
    return this.until(() => this.order(id), { state });
  }

  untilDeliveryIs(id: string, status: DeliveryView['status']): Promise<DeliveryView> {
    return this.until(() => this.delivery(id), { status });
  }

  /** Waits until something has these members, and gives all of it. */
  until<T>(look: () => Promise<T>, expected: Partial<T>): Promise<T> {
    return eventually(async () => {
      const found = await look();
      expect(found).toMatchObject(expected);
      return found;
    });
  }

  private async look<T>(service: string, path: string, schema: z.ZodType<T>): Promise<T> {
    const { status, body } = await this.send(service, 'GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return schema.parse(body);
  }

  private async make(
    service: string,
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<string> {
    const answer = await this.send(service, 'POST', path, body, headers);
    if (answer.status !== 201)
      throw new Error(`POST ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return http.IdBody.parse(answer.body).id;
  }
}
