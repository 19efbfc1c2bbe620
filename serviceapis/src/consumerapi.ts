import { channels } from './channels';
import { command, event, reply, type Payload } from './message-type';
import { Id, Name, Total } from './values';

/** A consumer has registered. */
export const ConsumerRegistered = event(channels.events.consumer, 'consumerapi.ConsumerRegistered', {
  name: Name,
});
export type ConsumerRegistered = Payload<typeof ConsumerRegistered>;

/** A consumer goes by another name now. */
export const ConsumerRenamed = event(channels.events.consumer, 'consumerapi.ConsumerRenamed', { name: Name });
export type ConsumerRenamed = Payload<typeof ConsumerRenamed>;

/** Asks whether this consumer may place this order. */
export const ValidateOrderByConsumer = command(
  channels.commands.consumer,
  'consumerapi.ValidateOrderByConsumer',
  { consumerId: Id, orderId: Id, orderTotal: Total },
);
export type ValidateOrderByConsumer = Payload<typeof ValidateOrderByConsumer>;

/** Failure: nobody registered under this id. */
export const ConsumerNotFound = reply('consumerapi.ConsumerNotFound', {});
export type ConsumerNotFound = Payload<typeof ConsumerNotFound>;
