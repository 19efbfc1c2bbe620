import { restaurantapi } from '@ftgo/serviceapis';
import { created, menuRevised } from '../../src/domain/restaurant';
import { address, cake, soup } from '../restaurants';

const restaurant = {
  id: '0193c002-0000-7000-8000-000000000002',
  name: 'Ajanta',
  address,
  menu: [soup, cake],
};

describe('A restaurant', () => {
  it('that joins tells its name, its address and its menu, in the menu’s order', () => {
    expect(created(restaurant)).toEqual({
      type: 'restaurantapi.RestaurantCreated',
      data: { name: 'Ajanta', address, menu: [soup, cake] },
    });
  });

  it('that revises its menu tells the whole menu', () => {
    expect(menuRevised([cake])).toEqual({
      type: 'restaurantapi.RestaurantMenuRevised',
      data: { menu: [cake] },
    });
  });

  it('speaks the published language', () => {
    const [joined, revised] = [created(restaurant), menuRevised([])];
    expect(joined.type).toBe(restaurantapi.RestaurantCreated.name);
    expect(restaurantapi.RestaurantCreated.payload.parse(joined.data)).toEqual(joined.data);
    expect(revised.type).toBe(restaurantapi.RestaurantMenuRevised.name);
    expect(restaurantapi.RestaurantMenuRevised.payload.parse(revised.data)).toEqual(revised.data);
  });
});
