import type { CourierAction } from '../domain/courier';

/** A row of the table `courier_actions`. */
export interface ActionRow {
  delivery_id: string;
  type: CourierAction['type'];
  address: CourierAction['address'];
  time: Date;
}

export const actionOf = ({ delivery_id, type, address, time }: ActionRow): CourierAction => ({
  deliveryId: delivery_id,
  type,
  address,
  time: time.toISOString(),
});
