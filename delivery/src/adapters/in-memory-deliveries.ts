import type { InMemorySession } from '@ftgo/shared-ts/in-memory';
import type { Deliveries } from '../application';
import { isReadyToSchedule, merge, statusOf, unknownDelivery, type Delivery } from '../domain/delivery';
import { byTime, PLANS, type PlannedAction } from './in-memory-plans';

const TABLE = 'deliveries';

/** Deliveries without a database server. */
export const inMemoryDeliveries = (session: InMemorySession): Deliveries => {
  const find = (id: string): Delivery | undefined => session.get(TABLE, id);
  const planned = (id: string): PlannedAction[] =>
    session.all<PlannedAction>(PLANS).filter(({ deliveryId }) => deliveryId === id);
  const key = ({ deliveryId, type }: Pick<PlannedAction, 'deliveryId' | 'type'>): string =>
    `${deliveryId} ${type}`;
  return {
    find: async (id) => find(id),
    merge: async (id, facts) => {
      const merged = merge(find(id) ?? unknownDelivery(id), facts);
      session.put(TABLE, id, merged);
      return merged;
    },
    waitingFor: async (restaurantId) =>
      session
        .all<Delivery>(TABLE)
        .filter(isReadyToSchedule)
        .filter(({ order }) => order.restaurantId === restaurantId),
    assign: async (id, courierId, actions) => {
      const delivery = find(id);
      if (delivery === undefined || statusOf(delivery) !== 'PENDING') return;
      session.put(TABLE, id, { ...delivery, courierId });
      for (const action of actions) session.put(PLANS, key(action), { ...action, courierId });
    },
    actions: async (id) => byTime(planned(id)),
    dropActions: async (id) => {
      for (const action of planned(id)) session.put(PLANS, key(action), undefined);
    },
  };
};
