import type { InMemorySession } from '@ftgo/shared-ts/in-memory';
import { PLANNED_STOPS, type Couriers } from '../application';
import { byTime, PLANS, type PlannedAction } from './in-memory-plans';

interface Row {
  readonly id: string;
  readonly available: boolean;
  /** Counts assignments; who has the lowest number waited longest. */
  readonly turn: number;
}

const TABLE = 'couriers';

/** Couriers without a database server. */
export const inMemoryCouriers = (session: InMemorySession): Couriers => ({
  find: async (id) => {
    const row = session.get<Row>(TABLE, id);
    return row && { id: row.id, available: row.available };
  },
  plan: async (id) => {
    const own = session.all<PlannedAction>(PLANS).filter(({ courierId }) => courierId === id);
    return byTime(own).slice(-PLANNED_STOPS);
  },
  setAvailability: async (id, available) => {
    const turn = session.get<Row>(TABLE, id)?.turn ?? 0;
    session.put(TABLE, id, { id, available, turn });
  },
  next: async (newId) => {
    const rows = session.all<Row>(TABLE);
    const turn = Math.max(0, ...rows.map((row) => row.turn)) + 1;
    const [idle] = rows.filter(({ available }) => available).sort((a, b) => a.turn - b.turn);
    const { id } = idle ?? { id: newId };
    session.put(TABLE, id, { id, available: true, turn });
    return id;
  },
});
