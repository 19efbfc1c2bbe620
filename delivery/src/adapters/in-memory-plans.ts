import type { CourierAction } from '../domain/courier';

/** The table of the couriers' actions. */
export const PLANS = 'courier_actions';

export interface PlannedAction extends CourierAction {
  readonly courierId: string;
}

/** As the table's index gives them; a pick-up comes before the drop-off at the same time. */
export const byTime = (actions: readonly PlannedAction[]): CourierAction[] =>
  [...actions]
    .sort(
      (a, b) =>
        Date.parse(a.time) - Date.parse(b.time) ||
        b.type.localeCompare(a.type) ||
        a.deliveryId.localeCompare(b.deliveryId),
    )
    .map(({ deliveryId, type, address, time }) => ({ deliveryId, type, address, time }));
