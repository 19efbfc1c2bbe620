export {
  orderApproved,
  orderCancelled,
  orderCreated,
  orderRejected,
  orderRevised,
  type OrderEventSource,
} from './commands/follow-orders';
export { getOrderHistory } from './queries/get-order-history';
export { searchOrders, type OrderPage } from './queries/search-orders';
export type { OrderHistories, OrderHistoryPorts } from './ports';
