export { registerConsumer, type RegisterConsumer } from './commands/register-consumer';
export { renameConsumer, type RenameConsumer } from './commands/rename-consumer';
export { getConsumer } from './queries/get-consumer';
export { validateOrderByConsumer } from './queries/validate-order-by-consumer';
export type { ConsumerPorts } from './ports';
