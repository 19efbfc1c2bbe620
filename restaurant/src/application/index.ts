export { createRestaurant, type CreateRestaurant } from './commands/create-restaurant';
export { reviseMenu, type ReviseMenu } from './commands/revise-menu';
export { getRestaurant } from './queries/get-restaurant';
export type { RestaurantEvents, RestaurantPorts, Restaurants } from './ports';
