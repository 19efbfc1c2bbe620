import { join } from 'node:path';
import { autoBindSteps, loadFeature, type StepDefinitions } from 'jest-cucumber';
import request, { type Response } from 'supertest';
import { address, startRestaurants, type RestaurantService } from '../restaurants';

let restaurants: RestaurantService;
let id: string;
let answer: Response;

beforeEach(async () => {
  restaurants = await startRestaurants();
});
afterEach(() => restaurants.messages.stop());

const menuOf = (items: string) =>
  items.split(', ').map((item) => ({ id: item, name: `A ${item}`, price: 100 * item.length }));

const joins = async (name: string, items: string): Promise<void> => {
  const body = { name, address, menu: { menu_items: menuOf(items) } };
  answer = await request(restaurants.app).post('/api/restaurants').send(body).expect(201);
  id = (answer.body as { id: string }).id;
};

const steps: StepDefinitions = ({ given, when, then }) => {
  given(/^(\w+) has joined with a menu of (.+)$/, joins);
  when(/^(\w+) joins with a menu of (.+)$/, joins);
  when(/^\w+ revises its menu to (.+)$/, async (items: string) => {
    const body = { menu: { menu_items: menuOf(items) } };
    answer = await request(restaurants.app).put(`/api/restaurants/${id}/menu`).send(body);
  });
  then(/^everybody can read that (\w+) serves (.+)$/, async (name: string, items: string) => {
    const seen = await request(restaurants.app).get(`/api/restaurants/${id}`).expect(200);
    expect(seen.body).toEqual({ id, name, address, menu: { menu_items: menuOf(items) } });
  });
  then(/^the other services hear (\w+) with (.+)$/, (name: string, items: string) => {
    const event = restaurants.published().at(-1);
    expect(event).toMatchObject({ name: `restaurantapi.${name}`, id, payload: { menu: menuOf(items) } });
  });
  then(/^the revision is refused with (\d+)$/, (status: string) => {
    expect(answer.status).toBe(Number(status));
  });
};

autoBindSteps([loadFeature(join(__dirname, '../../features/restaurants.feature'))], [steps]);
