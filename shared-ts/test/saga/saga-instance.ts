import { newId } from '../../src/ids';
import type { SagaInstance } from '../../src/saga';

/** A saga at its second step that was never saved, with an id of its own. */
export const sagaInstance = (overrides: Partial<SagaInstance> = {}): SagaInstance => ({
  sagaName: 'testservice.TestSaga',
  sagaId: newId(),
  state: 'RUNNING',
  step: 1,
  data: {},
  startedAt: '2026-01-01T11:58:30.000Z',
  stepSince: '2026-01-01T11:59:00.000Z',
  sends: 1,
  attempts: 0,
  correlationId: 'correlation',
  version: 0,
  ...overrides,
});
