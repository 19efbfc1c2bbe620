import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from './client';
import { LostPatience } from './client';
import type { Journal } from './journal';

export interface Restaurant {
  readonly id: string;
  readonly items: readonly string[];
}

/** What there is before the first order: people, restaurants, accounts. */
export interface World {
  readonly consumers: readonly string[];
  /** Whose accounts are disabled. */
  readonly disabled: readonly string[];
  readonly restaurants: readonly Restaurant[];
}

export const someAddress = { street1: '1 Main Street', city: 'Oakland', state: 'CA', zip: '94611' };

const CONSUMERS = 12;
const RESTAURANTS = 4;

/** Makes the world, and waits until every service knows what it needs of it. */
export async function makeWorld(client: Client, journal: Journal): Promise<World> {
  const consumers = await Promise.all(
    Array.from({ length: CONSUMERS }, (_, number) => registerConsumer(client, journal, `Consumer ${number}`)),
  );
  const restaurants = await Promise.all(
    Array.from({ length: RESTAURANTS }, (_, number) => openRestaurant(client, journal, number)),
  );
  const [disabled = '', ...enabled] = consumers;
  await client.send({
    service: 'accounting-service',
    method: 'PUT',
    path: `/api/accounts/${disabled}/disable`,
  });
  return { consumers: enabled, disabled: [disabled], restaurants };
}

/** Registers a consumer and waits for the account. */
export async function registerConsumer(client: Client, journal: Journal, name: string): Promise<string> {
  const id = await made(client, journal, 'consumer-service', '/api/consumers', { name });
  await untilKnown(client, 'accounting-service', `/api/accounts/${id}`);
  return id;
}

async function openRestaurant(client: Client, journal: Journal, number: number): Promise<Restaurant> {
  const items = ['curry', 'naan', 'lassi'].map((id, index) => ({ id, name: id, price: 250 + 125 * index }));
  const restaurant = { name: `Ajanta ${number}`, address: someAddress, menu: { menu_items: items } };
  const id = await made(client, journal, 'restaurant-service', '/api/restaurants', restaurant);
  for (const service of ['order-service', 'kitchen-service'])
    await untilKnown(client, service, `/api/restaurants/${id}`);
  return { id, items: items.map((item) => item.id) };
}

async function made(
  client: Client,
  journal: Journal,
  service: string,
  path: string,
  body: unknown,
): Promise<string> {
  const answer = await client.send({ service, method: 'POST', path, body, idempotencyKey: randomUUID() });
  if (answer?.status !== 201) {
    journal.unanswered.push(`POST ${path}: ${describe(answer)}`);
    throw new LostPatience(`POST ${path}: ${describe(answer)}`);
  }
  return String(answer.body['id']);
}

const KNOWN_WITHIN = 120_000;

async function untilKnown(client: Client, service: string, path: string): Promise<void> {
  const deadline = Date.now() + KNOWN_WITHIN;
  for (;;) {
    const answer = await client.send({ service, method: 'GET', path });
    if (answer?.status === 200) return;
    if (Date.now() > deadline)
      throw new LostPatience(`${service} never heard of ${path}: ${describe(answer)}`);
    await sleep(200);
  }
}

export function describe(answer: Answer | undefined): string {
  return answer === undefined ? 'no answer' : `${answer.status} ${JSON.stringify(answer.body)}`;
}
