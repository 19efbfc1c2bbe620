import { consumerapi } from '@ftgo/serviceapis';
import { eventSource, onEvent, type MessageHandler } from '@ftgo/shared-ts';
import { consumerRegistered, consumerRenamed, type AccountingPorts } from '../application';

/** The events that the accounting service follows: the consumers'. */
export const eventHandlers: readonly MessageHandler<AccountingPorts>[] = [
  onEvent(consumerapi.ConsumerRegistered, (ports, event) => {
    const { id, version } = eventSource(event);
    return consumerRegistered(ports, id, version, event.payload);
  }),
  onEvent(consumerapi.ConsumerRenamed, (ports, event) => {
    const { id, version } = eventSource(event);
    return consumerRenamed(ports, id, version, event.payload);
  }),
];
