import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client, Request } from './client';
import { LostPatience } from './client';
import type { Asked, Expected, Journal, PlacedOrder } from './journal';
import type { Random } from './random';
import { describe, registerConsumer, someAddress, type World } from './world';

/** What the people of a story work with. */
export interface Stage {
  readonly world: World;
  readonly client: Client;
  readonly journal: Journal;
  readonly random: Random;
  /** How long a client waits for an order to leave its pending state, in milliseconds. */
  readonly patience: number;
}

/** What happens to one order. Together the stories take every saga both ways. */
export interface Story {
  readonly name: string;
  readonly weight: number;
  tell(stage: Stage): Promise<void>;
}

export const stories: readonly Story[] = [
  { name: 'order', weight: 4, tell: (stage) => approved(stage).then(() => undefined) },
  {
    name: 'order, accept',
    weight: 5,
    tell: (stage) => approved(stage).then((order) => accept(stage, order)),
  },
  {
    name: 'order, cancel',
    weight: 3,
    tell: (stage) => approved(stage).then((order) => cancel(stage, order)),
  },
  {
    name: 'order, accept, cancel',
    weight: 3,
    tell: async (stage) => {
      const order = await approved(stage);
      await accept(stage, order);
      await cancel(stage, order);
    },
  },
  {
    name: 'order, revise, accept',
    weight: 3,
    tell: async (stage) => {
      const order = await approved(stage);
      await revise(stage, order);
      await accept(stage, order);
    },
  },
  {
    name: 'order, accept, revise, cancel',
    weight: 2,
    tell: async (stage) => {
      const order = await approved(stage);
      await accept(stage, order);
      await revise(stage, order);
      await cancel(stage, order);
    },
  },
  {
    name: 'order, cancel and revise at once',
    weight: 2,
    tell: async (stage) => {
      const order = await approved(stage);
      await Promise.all([cancel(stage, order, 'contended'), revise(stage, order)]);
    },
  },
  {
    name: 'order on a disabled account',
    weight: 1,
    tell: async (stage) => {
      const order = await place(stage, stage.random.pick(stage.world.disabled), 'Rejected');
      await settled(stage, order);
    },
  },
  {
    name: 'order of a stranger',
    weight: 1,
    tell: async (stage) => settled(stage, await place(stage, randomUUID(), 'Rejected')).then(() => undefined),
  },
  {
    name: 'order, disable the account, revise and cancel in vain',
    weight: 2,
    tell: async (stage) => {
      const consumer = await registerConsumer(stage.client, stage.journal, 'Short of money');
      const order = await approved(stage, consumer);
      const path = `/api/accounts/${consumer}/disable`;
      const answer = await stage.client.send({ service: 'accounting-service', method: 'PUT', path });
      if (answer === undefined) throw unexpected(stage, `PUT ${path}`, answer);
      await revise(stage, order);
      await cancel(stage, order, 'in vain');
    },
  },
  {
    name: 'order what is not on the menu',
    weight: 1,
    tell: async (stage) => {
      const key = randomUUID();
      const consumer = stage.random.pick(stage.world.consumers);
      const answer = await stage.client.send(orderRequest(stage, key, consumer, { caviar: 1 }));
      if (answer?.status === 422) stage.journal.refused.push(key);
      else stage.journal.contradictions.push(`an order for what is not on the menu: ${describe(answer)}`);
    },
  },
];

async function approved(stage: Stage, consumer?: string): Promise<PlacedOrder> {
  const order = await place(stage, consumer ?? stage.random.pick(stage.world.consumers), 'Approved');
  await settled(stage, order);
  return order;
}

async function place(stage: Stage, consumer: string, expected: Expected): Promise<PlacedOrder> {
  const { journal, random } = stage;
  const key = randomUUID();
  const request = orderRequest(stage, key, consumer, {
    curry: random.integer(1, 5),
    naan: random.integer(1, 3),
  });
  const answer = await stage.client.send(request);
  if (answer?.status !== 201) throw unexpected(stage, `POST /api/orders (${key})`, answer);
  const order = journal.placed(key, String(answer.body['id']), expected);
  // Some clients ask again though they have been answered.
  if (random.chance(0.1)) {
    const again = await stage.client.send(request);
    if (again !== undefined && again.body['id'] !== order.orderId)
      journal.contradictions.push(`key ${key}: first order ${order.orderId}, then ${describe(again)}`);
  }
  return order;
}

/** The order carries its key, so that the audit can tell whose order it is. */
function orderRequest(
  { random, world }: Stage,
  key: string,
  consumer: string,
  quantities: Record<string, number>,
): Request {
  return {
    service: 'order-service',
    method: 'POST',
    path: '/api/orders',
    idempotencyKey: key,
    body: {
      consumer_id: consumer,
      restaurant_id: random.pick(world.restaurants).id,
      delivery_time: '2030-01-31T18:30:00Z',
      delivery_address: { ...someAddress, street2: key },
      line_items: quantities,
    },
  };
}

/** Waits until the order is in none of its pending states. */
async function settled(stage: Stage, { orderId }: PlacedOrder): Promise<Answer> {
  const deadline = Date.now() + stage.patience;
  for (let pause = 150; Date.now() < deadline; pause = Math.min(pause * 1.5, 1_500)) {
    const answer = await stage.client.send({
      service: 'order-service',
      method: 'GET',
      path: `/api/orders/${orderId}`,
    });
    if (answer !== undefined && answer.status !== 200)
      throw unexpected(stage, `GET order ${orderId}`, answer);
    if (answer !== undefined && !String(answer.body['state']).endsWith('Pending')) return answer;
    await sleep(pause);
  }
  throw new LostPatience(orderId);
}

async function accept(stage: Stage, order: PlacedOrder): Promise<void> {
  const { body } = await settled(stage, order);
  const ticket = body['ticket_id'];
  if (typeof ticket !== 'string' || body['state'] !== 'Approved') return;
  const answer = await stage.client.send({
    service: 'kitchen-service',
    method: 'POST',
    path: `/api/tickets/${ticket}/accept`,
    body: { ready_by: '2030-01-31T18:00:00Z' },
  });
  // 409 where an earlier attempt worked, though its answer got lost.
  const fine = answer?.status === 202 || (answer?.status === 409 && answer.doubts > 0);
  if (!fine) throw unexpected(stage, `accept the ticket of ${order.orderId}`, answer);
}

type Prospect = 'certain' | 'contended' | 'in vain';

async function cancel(stage: Stage, order: PlacedOrder, prospect: Prospect = 'certain'): Promise<void> {
  const answer = await change(stage, order, order.cancels, 'cancel', undefined);
  if (answer === 'accepted' && prospect !== 'in vain') order.expected = 'Cancelled';
  if (answer === 'doubtful' && prospect !== 'in vain') order.expected = undefined;
  await settled(stage, order);
}

async function revise(stage: Stage, order: PlacedOrder): Promise<void> {
  const body = { revised_quantities: { curry: stage.random.integer(1, 9) } };
  await change(stage, order, order.revisions, 'revise', body);
  await settled(stage, order);
}

/** Asks for a cancellation or a revision, which have no Idempotency-Key: a lost answer leaves the client in doubt. */
async function change(
  stage: Stage,
  order: PlacedOrder,
  asked: Asked,
  what: 'cancel' | 'revise',
  body: unknown,
): Promise<'accepted' | 'doubtful' | 'refused'> {
  const path = `/api/orders/${order.orderId}/${what}`;
  const answer = await stage.client.send({ service: 'order-service', method: 'PUT', path, body });
  asked.doubtful += answer?.doubts ?? Infinity;
  if (answer?.status === 202) {
    asked.accepted += 1;
    return 'accepted';
  }
  if (answer === undefined || answer.status !== 409) throw unexpected(stage, `PUT ${path}`, answer);
  return answer.doubts > 0 ? 'doubtful' : 'refused';
}

function unexpected(stage: Stage, what: string, answer: Answer | undefined): Error {
  const line = `${what}: ${describe(answer)}`;
  if (answer === undefined) stage.journal.unanswered.push(line);
  else stage.journal.contradictions.push(line);
  return new LostPatience(line);
}
