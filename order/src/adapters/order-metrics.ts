import { Counter } from 'prom-client';
import type { Scope } from '@ftgo/shared-ts';
import type { Metrics } from '@ftgo/shared-ts/telemetry';
import type { OrderCounters } from '../application';

/** The counters that the first implementation of this system has, under its names, and two more. */
export function orderCounters({ registry }: Pick<Metrics, 'registry'>): (scope: Scope) => OrderCounters {
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers: [registry] });
  const counters = {
    placed: counter('placed_orders', 'Orders placed.'),
    approved: counter('approved_orders', 'Orders approved.'),
    rejected: counter('rejected_orders', 'Orders rejected.'),
    cancelled: counter('cancelled_orders', 'Orders cancelled.'),
    revised: counter('revised_orders', 'Orders revised.'),
  };
  return (scope) => ({ count: (what) => scope.work.afterCommit(increment, counters[what]) });
}

const increment = (counter: Counter): void => counter.inc();
