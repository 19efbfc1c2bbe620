import { orderapi } from '@ftgo/serviceapis';
import {
  eventSource,
  onEvent,
  UndecodableMessage,
  type IncomingMessage,
  type MessageHandler,
} from '@ftgo/shared-ts';
import * as application from '../application';
import type { OrderHistoryPorts } from '../application';

/**
 * The events that the order history follows. OrderProposedRevision is not one of them: it changes nothing, and what undoes it stays within the order
 * service.
 */
export const eventHandlers: readonly MessageHandler<OrderHistoryPorts>[] = [
  onEvent(orderapi.OrderCreated, (ports, event) =>
    application.orderCreated(ports, eventSource(event), event.payload, timeOf(event)),
  ),
  onEvent(orderapi.OrderApproved, (ports, event) => application.orderApproved(ports, eventSource(event))),
  onEvent(orderapi.OrderRejected, (ports, event) => application.orderRejected(ports, eventSource(event))),
  onEvent(orderapi.OrderCancelled, (ports, event) => application.orderCancelled(ports, eventSource(event))),
  onEvent(orderapi.OrderRevised, (ports, event) =>
    application.orderRevised(ports, eventSource(event), event.payload),
  ),
];

/** In whole milliseconds, as cursors carry it. */
function timeOf({ name, time }: Pick<IncomingMessage, 'name' | 'time'>): string {
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) throw new UndecodableMessage(`the ce-time of ${name} is no time: ${time}`);
  return new Date(milliseconds).toISOString();
}
