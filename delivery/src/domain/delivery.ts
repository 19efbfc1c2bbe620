import type { http, orderapi } from '@ftgo/serviceapis';
import type { CourierAction } from './courier';
import type { Restaurant } from './restaurant';

/** What a delivery must know of its order. */
export type DeliveryOrder = Pick<orderapi.OrderCreated, 'restaurantId' | 'deliverTo' | 'deliverAt'>;

/**
 * A delivery, with the facts that have arrived so far. They come from different services, so none can count on another being there;
 * its id is the order's.
 */
export interface Delivery {
  readonly id: string;
  readonly order?: DeliveryOrder;
  /** When the food is ready, as the restaurant said when it accepted the ticket: RFC 3339, UTC. */
  readonly readyBy?: string;
  readonly cancelled: boolean;
  /** Who was given the delivery; stays when it is cancelled. */
  readonly courierId?: string;
}

/** What a message tells about a delivery. */
export interface DeliveryFacts {
  readonly order?: DeliveryOrder;
  readonly readyBy?: string;
  readonly cancelled?: true;
}

/** A delivery of which everything is known that scheduling needs, but maybe the restaurant's address. */
export type ReadyDelivery = Delivery & Required<Pick<Delivery, 'order' | 'readyBy'>>;

/** From the pick-up to the drop-off, in milliseconds. */
const RIDE = 30 * 60_000;
/** Of the years with four digits, which are all that RFC 3339 knows. */
const END_OF_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** A delivery of which nothing is known yet. */
export const unknownDelivery = (id: string): Delivery => ({ id, cancelled: false });

/** Adds facts. What is known stays, and a cancellation is for ever, so that neither order nor repetition of messages matters. */
export const merge = (delivery: Delivery, facts: DeliveryFacts): Delivery => ({
  ...delivery,
  order: delivery.order ?? facts.order,
  readyBy: delivery.readyBy ?? facts.readyBy,
  cancelled: delivery.cancelled || facts.cancelled === true,
});

/** Where a delivery stands, as clients see it. */
export function statusOf({ cancelled, courierId }: Delivery): http.DeliveryStatus {
  if (cancelled) return 'CANCELLED';
  return courierId === undefined ? 'PENDING' : 'SCHEDULED';
}

/** Whether the delivery waits for nothing but a courier. */
export const isReadyToSchedule = (delivery: Delivery): delivery is ReadyDelivery =>
  delivery.order !== undefined && delivery.readyBy !== undefined && statusOf(delivery) === 'PENDING';

/** What a courier has to do for a delivery: fetch the food when it is ready, and bring it half an hour later. */
export function planOf({ id, order, readyBy }: ReadyDelivery, { address }: Restaurant): CourierAction[] {
  const pickup = Date.parse(readyBy);
  const time = (milliseconds: number): string => new Date(milliseconds).toISOString();
  return [
    { deliveryId: id, type: 'PICKUP', address, time: time(pickup) },
    {
      deliveryId: id,
      type: 'DROPOFF',
      address: order.deliverTo,
      time: time(Math.min(pickup + RIDE, END_OF_TIME)),
    },
  ];
}
