export { cancelOrder, type CancelOrder } from './commands/cancel-order';
export { createOrder, type CreateOrder } from './commands/create-order';
export { menuRevised, restaurantCreated } from './commands/follow-restaurants';
export { reviseOrder, type ReviseOrder } from './commands/revise-order';
export {
  approveOrder,
  beginCancelOrder,
  beginReviseOrder,
  confirmCancelOrder,
  confirmReviseOrder,
  rejectOrder,
  undoCancelOrder,
  undoReviseOrder,
} from './commands/settle-order';
export { startCreateOrderSaga } from './commands/start-create-order-saga';
export { countSagasUnderWay } from './queries/count-sagas-under-way';
export { getOrder } from './queries/get-order';
export { getRestaurant } from './queries/get-restaurant';
export type { OrderCounters, OrderPorts, RestaurantCopies, SagasUnderWay } from './ports';
