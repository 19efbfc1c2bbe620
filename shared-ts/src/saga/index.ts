export type { Advance } from './advance';
export {
  isInDoubt,
  replyChannel,
  replyOf,
  send,
  type SagaCommand,
  type SagaDefinition,
  type SagaStep,
} from './definition';
export { measureSagas, sagaMetrics, type SagaMetrics } from './metrics';
export { compensateNow, FORCED, retryNow } from './operator';
export { keep, sagaReplies, sagasOf, type Sagas } from './orchestrator';
export { SagaMemory } from './saga-memory';
export { sagaRoutes } from './routes';
export type {
  SagaCount,
  SagaFilter,
  SagaInstance,
  SagaState,
  SagaStore,
  SagaTransition,
  TransitionKind,
} from './saga-store';
export { SagaSweeper } from './sweeper';
export {
  handleReply,
  MAX_REFUSALS,
  resend,
  start,
  STEP_TIMEOUT,
  TIMED_OUT,
  type SagaReply,
} from './transitions';
