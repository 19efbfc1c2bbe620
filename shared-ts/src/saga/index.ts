export {
  replyChannel,
  replyOf,
  send,
  type SagaCommand,
  type SagaDefinition,
  type SagaStep,
} from './definition';
export { keep, sagaMetrics, sagaReplies, sagasOf, type SagaMetrics, type Sagas } from './orchestrator';
export type { SagaInstance, SagaState, SagaStore, SagaTransition } from './saga-store';
export { SagaSweeper } from './sweeper';
export { handleReply, MAX_REFUSALS, resend, start, type Advance, type SagaReply } from './transitions';
