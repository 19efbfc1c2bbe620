import request from 'supertest';
import { http, orderapi } from '@ftgo/serviceapis';
import type { Problem } from '@ftgo/shared-ts';
import { OrderService } from '../order-service';
import { home, ids } from '../sample-orders';

export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The body of a request for two vindaloos and a lassi. */
export const order = {
  consumer_id: ids.consumer,
  restaurant_id: ids.restaurant,
  delivery_time: '2030-01-31T18:30:00Z',
  delivery_address: home,
  line_items: { vindaloo: 2, lassi: 1 },
};

/** The order service's API with Ajanta's menu known, for supertest. */
export class Api {
  private constructor(readonly service: OrderService) {}

  static async open(): Promise<Api> {
    return new Api(await OrderService.withAjanta());
  }

  request() {
    return request(this.service.app);
  }

  post(body: object) {
    return this.request().post('/api/orders').send(body);
  }

  postText(body: string, type = 'application/json') {
    return this.request().post('/api/orders').set('Content-Type', type).send(body);
  }

  async placedOrder(): Promise<string> {
    const answer = await this.post(order).expect(201);
    return http.IdBody.parse(answer.body).id;
  }

  async approvedOrder(): Promise<string> {
    const id = await this.placedOrder();
    await this.service.messages.command(orderapi.ApproveOrder, { orderId: id, ticketId: ids.ticket });
    return id;
  }
}

/** Checks what every error answer must have. @returns the problem, for what is special about it */
export function problemIn(answer: request.Response, status: number): Problem {
  expect({ status: answer.status, type: answer.type }).toEqual({ status, type: 'application/problem+json' });
  const problem = answer.body as Problem;
  expect(problem.status).toBe(status);
  expect(problem.message).toBe(problem.detail);
  for (const text of [problem.type, problem.title, problem.detail]) expect(text).toMatch(/./);
  return problem;
}
