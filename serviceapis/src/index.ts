export * as accountingapi from './accountingapi';
export * as consumerapi from './consumerapi';
export * as kitchenapi from './kitchenapi';
export * as orderapi from './orderapi';
export * as restaurantapi from './restaurantapi';
export * as http from './http';
export { channels, orderSagaReplies } from './channels';
export type { MessageDefinition, Payload } from './message-type';
export * as values from './values';
