import type { OrderPorts } from '../ports';

/** Counts what is begun and not ended; beyond the limit it need not be exact. */
export const countSagasUnderWay = ({ sagasUnderWay }: OrderPorts, limit: number): Promise<number> =>
  sagasUnderWay.count(limit);
