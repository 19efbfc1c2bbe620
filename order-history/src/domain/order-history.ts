import type { http, orderapi, values } from '@ftgo/serviceapis';
import { wordsOf } from './keywords';

/** What is known of an order from its start. */
export interface OrderDetails {
  readonly consumerId: string;
  readonly restaurantId: string;
  readonly restaurantName: string;
  readonly lineItems: readonly values.LineItem[];
  /** Cents. */
  readonly orderTotal: number;
  /** When the order was placed: RFC 3339, UTC, whole milliseconds. */
  readonly createdAt: string;
}

/** An order as people look back on it. */
export interface OrderHistory extends OrderDetails {
  readonly orderId: string;
  readonly status: http.OrderStatus;
}

/** Something with the version of the order that it is from; what is newer counts. */
export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

/** What one of an order's events tells. */
export interface OrderFacts {
  readonly details?: OrderDetails;
  readonly status: http.OrderStatus;
  /** Quantities by menu item id, and the total in cents. */
  readonly revision?: Pick<orderapi.OrderRevised, 'revisedQuantities' | 'newOrderTotal'>;
}

/** Everything that has arrived of an order, in whatever order it came. */
export interface OrderRecord {
  readonly orderId: string;
  readonly details?: OrderDetails;
  readonly status?: Versioned<http.OrderStatus>;
  /** Cents. */
  readonly total?: Versioned<number>;
  /** By menu item id. */
  readonly quantities: ReadonlyMap<string, Versioned<number>>;
}

/** An order of which nothing has arrived. */
export const unknownOrder = (orderId: string): OrderRecord => ({ orderId, quantities: new Map() });

/** Adds what an event tells; an older event changes nothing that a newer one has said, whichever comes first. */
export function merge(
  record: OrderRecord,
  { details, status, revision }: OrderFacts,
  version: number,
): OrderRecord {
  const newer = <T>(known: Versioned<T> | undefined, value: T): Versioned<T> =>
    known !== undefined && known.version >= version ? known : { value, version };
  const quantities = new Map(record.quantities);
  const setQuantity = (id: string, quantity: number) =>
    quantities.set(id, newer(quantities.get(id), quantity));
  for (const item of details?.lineItems ?? []) setQuantity(item.menuItemId, item.quantity);
  for (const [id, quantity] of Object.entries(revision?.revisedQuantities ?? {})) setQuantity(id, quantity);
  const total = revision?.newOrderTotal ?? details?.orderTotal;
  return {
    orderId: record.orderId,
    details: record.details ?? details,
    status: newer(record.status, status),
    total: total === undefined ? record.total : newer(record.total, total),
    quantities,
  };
}

/** The order as people see it; nothing before its creation has arrived. */
export function historyOf({
  orderId,
  details,
  status,
  total,
  quantities,
}: OrderRecord): OrderHistory | undefined {
  if (details === undefined || status === undefined || total === undefined) return undefined;
  const lineItems = details.lineItems.map((item) => ({
    ...item,
    quantity: quantities.get(item.menuItemId)?.value ?? item.quantity,
  }));
  return { ...details, orderId, lineItems, status: status.value, orderTotal: total.value };
}

/** What an order is found by. */
export const keywordsOf = ({ restaurantName, lineItems }: OrderDetails): string[] =>
  wordsOf(restaurantName, ...lineItems.map(({ name }) => name));
