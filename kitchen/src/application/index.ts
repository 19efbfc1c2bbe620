export { acceptTicket, type AcceptTicket } from './commands/accept-ticket';
export { createTicket, type CreateTicket } from './commands/create-ticket';
export { followMenu } from './commands/follow-restaurants';
export {
  beginCancelTicket,
  beginReviseTicket,
  cancelCreateTicket,
  confirmCancelTicket,
  confirmCreateTicket,
  confirmReviseTicket,
  undoCancelTicket,
  undoReviseTicket,
} from './commands/settle-ticket';
export { getRestaurant } from './queries/get-restaurant';
export { getTicket } from './queries/get-ticket';
export type { KitchenPorts, RestaurantCopies } from './ports';
