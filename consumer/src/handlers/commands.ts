import { consumerapi } from '@ftgo/serviceapis';
import { failureWith, onCommand, type MessageHandler } from '@ftgo/shared-ts';
import * as application from '../application';
import type { ConsumerPorts } from '../application';

/** The commands that the consumer service carries out. */
export const commandHandlers: readonly MessageHandler<ConsumerPorts>[] = [
  onCommand(
    consumerapi.ValidateOrderByConsumer,
    (ports, { payload }) => application.validateOrderByConsumer(ports, payload),
    { CONSUMER_NOT_FOUND: failureWith(consumerapi.ConsumerNotFound, {}) },
  ),
];
