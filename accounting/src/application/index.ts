export {
  authorizeOrder,
  forestallAuthorizeOrder,
  reverseAuthorizeOrder,
  reviseAuthorizeOrder,
} from './commands/authorize-order';
export { disableAccount } from './commands/disable-account';
export { enableAccount } from './commands/enable-account';
export { consumerRegistered, consumerRenamed } from './commands/follow-consumers';
export { getAccount } from './queries/get-account';
export type { AccountingPorts } from './ports';
