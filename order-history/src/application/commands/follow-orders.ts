import type { orderapi } from '@ftgo/serviceapis';
import type { OrderHistoryPorts } from '../ports';

/** The order that an event is about, and its version after the event. */
export interface OrderEventSource {
  readonly id: string;
  readonly version: number;
}

/**
 * Opens an order's history.
 * @param createdAt when the event happened: RFC 3339, UTC, whole milliseconds
 */
export const orderCreated = (
  { histories }: OrderHistoryPorts,
  { id, version }: OrderEventSource,
  { consumerId, restaurantId, restaurantName, lineItems, orderTotal }: orderapi.OrderCreated,
  createdAt: string,
): Promise<void> => {
  const details = { consumerId, restaurantId, restaurantName, lineItems, orderTotal, createdAt };
  return histories.merge(id, { details, status: 'ApprovalPending' }, version);
};

/** The order was approved. */
export const orderApproved = (
  { histories }: OrderHistoryPorts,
  { id, version }: OrderEventSource,
): Promise<void> => histories.merge(id, { status: 'Approved' }, version);

/** The order was rejected. */
export const orderRejected = (
  { histories }: OrderHistoryPorts,
  { id, version }: OrderEventSource,
): Promise<void> => histories.merge(id, { status: 'Rejected' }, version);

/** The order was cancelled. */
export const orderCancelled = (
  { histories }: OrderHistoryPorts,
  { id, version }: OrderEventSource,
): Promise<void> => histories.merge(id, { status: 'Cancelled' }, version);

/** The order has other quantities and another total; it is approved as it was before. */
export const orderRevised = (
  { histories }: OrderHistoryPorts,
  { id, version }: OrderEventSource,
  { revisedQuantities, newOrderTotal }: orderapi.OrderRevised,
): Promise<void> =>
  histories.merge(id, { status: 'Approved', revision: { revisedQuantities, newOrderTotal } }, version);
