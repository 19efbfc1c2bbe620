export { orderCreated } from './commands/follow-orders';
export { restaurantCreated } from './commands/follow-restaurants';
export { ticketAccepted, ticketCancelled } from './commands/follow-tickets';
export { setCourierAvailability, type SetCourierAvailability } from './commands/set-courier-availability';
export { getCourier, type CourierWithPlan } from './queries/get-courier';
export { getDelivery, type DeliveryWithPlan } from './queries/get-delivery';
export { PLANNED_STOPS } from './ports';
export type { Couriers, Deliveries, DeliveryPorts, RestaurantCopies } from './ports';
