import type { Courier, CourierAction } from '../domain/courier';
import type { Delivery, DeliveryFacts, ReadyDelivery } from '../domain/delivery';
import type { Restaurant } from '../domain/restaurant';

/** The deliveries. Whatever changes one holds it until the transaction ends, so that replicas take turns. */
export interface Deliveries {
  find(id: string): Promise<Delivery | undefined>;
  /** Adds what a message tells, as the domain's `merge` does. */
  merge(id: string, facts: DeliveryFacts): Promise<Delivery>;
  /** Those that are ready to be scheduled at this restaurant. */
  waitingFor(restaurantId: string): Promise<readonly ReadyDelivery[]>;
  /** Gives a delivery with all its actions to a courier, unless it has one already or was cancelled meanwhile. */
  assign(id: string, courierId: string, actions: readonly CourierAction[]): Promise<void>;
  /** What the delivery's courier has to do for it, by time. */
  actions(id: string): Promise<readonly CourierAction[]>;
  /** Takes the delivery's actions off its courier's plan. */
  dropActions(id: string): Promise<void>;
}

/** How many stops of a courier's plan are shown at most. */
export const PLANNED_STOPS = 1_000;

/** The couriers and their plans. */
export interface Couriers {
  find(id: string): Promise<Courier | undefined>;
  /** The courier's plan, by time; of a long one the last {@link PLANNED_STOPS}. */
  plan(id: string): Promise<readonly CourierAction[]>;
  /** Keeps whether a courier takes deliveries; an unknown courier is a new one. */
  setAvailability(id: string, available: boolean): Promise<void>;
  /**
   * Gives the id of the available courier who got no delivery for the longest time.
   * @param newId of the courier who is made when none is available
   */
  next(newId: string): Promise<string>;
}

/** The delivery service's copy of the restaurants. */
export interface RestaurantCopies {
  /**
   * Gives a restaurant of which the creation is known. When it is not, whoever brings the creation is made to wait for the end of this
   * transaction, and so sees what was left undone here.
   */
  find(id: string): Promise<Restaurant | undefined>;
  /** A restaurant was created. */
  created(restaurant: Restaurant): Promise<void>;
}

/** All that the delivery service's commands and queries need. */
export interface DeliveryPorts {
  readonly deliveries: Deliveries;
  readonly couriers: Couriers;
  readonly restaurants: RestaurantCopies;
}
