import type { OrderPorts } from '../ports';

/** Counts what is begun and not ended; beyond the limit it need not be exact. */
export const countBacklog = ({ backlog }: OrderPorts, limit: number): Promise<number> => backlog.count(limit);
