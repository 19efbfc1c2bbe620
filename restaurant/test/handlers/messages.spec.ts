import { restaurantapi } from '@ftgo/serviceapis';
import { newId } from '@ftgo/shared-ts';
import { soup, startRestaurants } from '../restaurants';

describe('The restaurant service over messages', () => {
  it('sets a command aside, because it knows none, and goes on', async () => {
    const restaurants = await startRestaurants();
    const { messages } = restaurants;
    const type = { ...restaurantapi.RestaurantMenuRevised, name: 'restaurantapi.CloseRestaurant' };
    await expect(messages.command(type, { menu: [soup] })).resolves.toBe('set aside');
    await expect(messages.command(type, { menu: [soup] })).resolves.toBe('set aside');
    expect(messages.deadLetters).toMatchObject([
      { consumer: 'restaurant-service', error: 'nobody here handles restaurantapi.CloseRestaurant' },
      { consumer: 'restaurant-service' },
    ]);
    expect(restaurants.outbox()).toEqual([]);
    await messages.stop();
  });

  it('passes over events: it follows nobody', async () => {
    const { messages } = await startRestaurants();
    const source = { id: newId(), version: 2 };
    const event = messages.event(restaurantapi.RestaurantMenuRevised, source, { menu: [soup] });
    await expect(event).resolves.toBe('acknowledged');
    expect(messages.deadLetters).toEqual([]);
    await messages.stop();
  });
});
