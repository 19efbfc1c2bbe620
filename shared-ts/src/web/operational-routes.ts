import type { RequestHandler } from 'express';
import type { Metrics } from '../telemetry';
import { readinessOf, type Readiness, type ReadinessCheck } from './readiness';

/** A route of the server's own, outside the API. */
export interface PlainRoute {
  readonly method: 'get';
  readonly path: string;
  readonly handler: RequestHandler;
}

interface OperationalOptions {
  readonly readiness: readonly ReadinessCheck[];
  readonly metrics: Metrics;
  readonly isDraining: () => boolean;
}

const shuttingDown: Readiness = {
  status: 'not ready',
  reasons: [{ check: 'process', reason: 'shutting down' }],
};

/** `/ping`, `/ready` and `/metrics`, which every process serves. */
export const operationalRoutes = ({ readiness, metrics, isDraining }: OperationalOptions): PlainRoute[] => [
  {
    method: 'get',
    path: '/ping',
    handler: (_request, response) => void response.json({ status: 'ok' }),
  },
  {
    method: 'get',
    path: '/ready',
    handler: async (_request, response) => {
      const state = isDraining() ? shuttingDown : await readinessOf(readiness);
      response.status(state.status === 'ready' ? 200 : 503).json(state);
    },
  },
  {
    method: 'get',
    path: '/metrics',
    handler: async (_request, response) => {
      const text = await metrics.registry.metrics();
      response.set('Content-Type', metrics.registry.contentType).send(Buffer.from(text));
    },
  },
];
