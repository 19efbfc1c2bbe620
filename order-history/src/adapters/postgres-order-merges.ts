import { column, columns, inOrderOf, type Statement } from '@ftgo/shared-ts/postgres';
import { keywordsOf, merge, unknownOrder, type OrderFacts, type OrderRecord } from '../domain/order-history';

/** Facts about an order, with the order's version after them. */
export interface Told {
  readonly orderId: string;
  readonly facts: OrderFacts;
  readonly version: number;
}

const statement: Statement = {
  name: 'orders-merge',
  text: `WITH order_rows AS (
         INSERT INTO orders AS known (id, status, status_version, total, total_version,
                                      consumer_id, restaurant_id, restaurant_name, created_at, keywords)
         SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($3::integer[]), unnest($4::bigint[]), unnest($5::integer[]),
                unnest($6::uuid[]), unnest($7::uuid[]), unnest($8::text[]), unnest($9::timestamptz[]),
                string_to_array(unnest($10::text[]), ' ')
         ON CONFLICT (id) DO UPDATE SET
           status = CASE WHEN known.status_version < excluded.status_version
                         THEN excluded.status ELSE known.status END,
           status_version = greatest(known.status_version, excluded.status_version),
           total = CASE WHEN known.total_version < excluded.total_version THEN excluded.total ELSE known.total END,
           total_version = greatest(known.total_version, excluded.total_version),
           consumer_id = coalesce(known.consumer_id, excluded.consumer_id),
           restaurant_id = coalesce(known.restaurant_id, excluded.restaurant_id),
           restaurant_name = coalesce(known.restaurant_name, excluded.restaurant_name),
           created_at = coalesce(known.created_at, excluded.created_at),
           keywords = coalesce(known.keywords, excluded.keywords))
         INSERT INTO order_items AS known (order_id, menu_item_id, quantity, quantity_version, position, name, price)
         SELECT unnest($11::uuid[]), unnest($12::text[]), unnest($13::integer[]), unnest($14::integer[]), unnest($15::integer[]),
                unnest($16::text[]), unnest($17::integer[])
         ON CONFLICT (order_id, menu_item_id) DO UPDATE SET
           quantity = CASE WHEN known.quantity_version < excluded.quantity_version
                           THEN excluded.quantity ELSE known.quantity END,
           quantity_version = greatest(known.quantity_version, excluded.quantity_version),
           position = coalesce(known.position, excluded.position),
           name = coalesce(known.name, excluded.name),
           price = coalesce(known.price, excluded.price)`,
};

/** One statement for all that was told, of however many orders. */
export function mergeStatement(told: readonly Told[]): { statement: Statement; values: unknown[] } {
  const records = inOrderOf(({ orderId }) => orderId, recordsOf(told));
  const items = records.flatMap((record) => inOrderOf(({ menuItemId }) => menuItemId, itemsOf(record)));
  return { statement, values: [...orderColumns(records), ...itemColumns(items)] };
}

/** One record an order: PostgreSQL refuses to touch a row twice in one statement. */
function recordsOf(told: readonly Told[]): Iterable<OrderRecord> {
  const records = new Map<string, OrderRecord>();
  for (const { orderId, facts, version } of told)
    records.set(orderId, merge(records.get(orderId) ?? unknownOrder(orderId), facts, version));
  return records.values();
}

const orderColumns = columns<OrderRecord>(
  column.uuid(({ orderId }) => orderId),
  column.text(({ status }) => status?.value),
  column.integer(({ status }) => status?.version),
  column.bigint(({ total }) => total?.value),
  column.integer(({ total }) => total?.version ?? 0),
  column.uuid(({ details }) => details?.consumerId),
  column.uuid(({ details }) => details?.restaurantId),
  column.text(({ details }) => details?.restaurantName),
  column.timestamp(({ details }) => details && new Date(details.createdAt)),
  // No word has a space in it, and an array of arrays would have to be rectangular.
  column.text(({ details }) => details && keywordsOf(details).join(' ')),
);

/** A row of the table `order_items`; one that was only revised has neither name nor price. */
interface Item {
  readonly orderId: string;
  readonly menuItemId: string;
  readonly quantity: number;
  readonly version: number;
  readonly position?: number;
  readonly name?: string;
  readonly price?: number;
}

function itemsOf({ orderId, details, quantities }: OrderRecord): Item[] {
  const ordered = new Map(details?.lineItems.map((item, position) => [item.menuItemId, { item, position }]));
  return [...quantities].map(([menuItemId, { value, version }]) => {
    const { item, position } = ordered.get(menuItemId) ?? {};
    return { orderId, menuItemId, quantity: value, version, position, name: item?.name, price: item?.price };
  });
}

const itemColumns = columns<Item>(
  column.uuid(({ orderId }) => orderId),
  column.text(({ menuItemId }) => menuItemId),
  column.integer(({ quantity }) => quantity),
  column.integer(({ version }) => version),
  column.integer(({ position }) => position),
  column.text(({ name }) => name),
  column.integer(({ price }) => price),
);
