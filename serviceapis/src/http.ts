import { z } from 'zod';
import {
  Address,
  Id,
  LineItemQuantities,
  MenuItem,
  MenuItemId,
  Name,
  Price,
  RevisedQuantities,
  RevisedQuantity,
  Timestamp,
  Total,
  UtcTimestamp,
} from './values';

/** The answer of a route that makes or changes the thing with this id. */
export const IdBody = z.object({ id: Id });

const uniqueIds = (items: readonly { id: string }[]) =>
  new Set(items.map((item) => item.id)).size === items.length;

/** A menu as restaurants send it; may be empty, but no two items share an id. */
export const MenuBody = z.object({
  menu_items: z.array(MenuItem).refine(uniqueIds, 'must not contain the same id twice'),
});

export const consumer = {
  Params: z.object({ consumerID: Id }),
  Register: z.object({ name: Name }),
  Rename: z.object({ name: Name }),
  View: z.object({ consumer_id: Id, name: Name }),
};

export const accounting = {
  Params: z.object({ accountID: Id }),
  View: z.object({ id: Id, name: Name, enabled: z.boolean() }),
};

export const restaurant = {
  Params: z.object({ restaurantID: Id }),
  Create: z.object({ name: Name, address: Address, menu: MenuBody }),
  ReviseMenu: z.object({ menu: MenuBody }),
  View: z.object({ id: Id, name: Name, address: Address, menu: MenuBody }),
};

/** An order's states, as clients see them. */
export const OrderStatus = z.enum([
  'ApprovalPending',
  'Approved',
  'Rejected',
  'CancelPending',
  'Cancelled',
  'RevisionPending',
]);
export type OrderStatus = z.infer<typeof OrderStatus>;

const OrderLine = z.object({ menu_item_id: MenuItemId, name: Name, price: Price, quantity: RevisedQuantity });

export const order = {
  Params: z.object({ orderID: Id }),
  Create: z.object({
    consumer_id: Id,
    restaurant_id: Id,
    delivery_time: Timestamp,
    delivery_address: Address,
    line_items: LineItemQuantities,
  }),
  Revise: z.object({ revised_quantities: RevisedQuantities }),
  CancelAnswer: z.object({ status: z.literal('CancelPending') }),
  ReviseAnswer: z.object({ status: z.literal('RevisionPending') }),
  View: z.object({
    order_id: Id,
    state: OrderStatus,
    order_total: Total,
    consumer_id: Id,
    restaurant_id: Id,
    ticket_id: Id.optional(),
    line_items: z.array(OrderLine),
  }),
};

/** A ticket's states, as clients see them. */
export const TicketStatus = z.enum([
  'CreatePending',
  'AwaitingAcceptance',
  'Accepted',
  'CancelPending',
  'Cancelled',
  'RevisionPending',
]);
export type TicketStatus = z.infer<typeof TicketStatus>;

export const kitchen = {
  Params: z.object({ ticketID: Id }),
  Accept: z.object({ ready_by: Timestamp }),
  View: z.object({
    id: Id,
    order_id: Id,
    restaurant_id: Id,
    state: TicketStatus,
    line_items: z.array(z.object({ menu_item_id: MenuItemId, name: Name, quantity: RevisedQuantity })),
    ready_by: UtcTimestamp.optional(),
    accepted_at: UtcTimestamp.optional(),
  }),
};

export const DeliveryStatus = z.enum(['PENDING', 'SCHEDULED', 'CANCELLED']);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

/** A stop on a courier's plan. */
export const CourierAction = z.object({
  delivery_id: Id,
  type: z.enum(['PICKUP', 'DROPOFF']),
  address: Address,
  time: UtcTimestamp,
});

export const delivery = {
  CourierParams: z.object({ courierID: Id }),
  DeliveryParams: z.object({ deliveryID: Id }),
  Availability: z.object({ available: z.boolean() }),
  CourierView: z.object({ id: Id, available: z.boolean(), actions: z.array(CourierAction) }),
  View: z.object({
    id: Id,
    status: DeliveryStatus,
    assigned_courier: z.union([Id, z.literal('')]),
    courier_actions: z.array(z.string()),
  }),
};

/** An order as people look back on it. */
const OrderHistoryView = z.object({
  order_id: Id,
  status: OrderStatus,
  restaurant_id: Id,
  restaurant_name: Name,
  order_total: Total,
  line_items: z.array(OrderLine),
  created_at: UtcTimestamp,
});

/** How many orders a page has at most. */
const PageLimit = z
  .string()
  .regex(/^\d{1,4}$/, 'must be an integer from 1 to 50')
  .transform(Number)
  .pipe(z.int().min(1, 'must be at least 1').max(50, 'must be at most 50'))
  .default(20)
  .meta({ type: 'integer', minimum: 1, maximum: 50, description: '20 if left out', pattern: undefined });

const Keywords = z
  .union([z.string(), z.array(z.string())])
  .transform((texts) => (typeof texts === 'string' ? [texts] : texts))
  .default([]);

export const orderHistory = {
  Params: z.object({ orderID: Id }),
  View: OrderHistoryView,
  /** What a search for orders may say; `filter[keywords]` may repeat, and an order must have the words of all. */
  Search: z.object({
    consumerID: Id.optional(),
    'filter[status]': OrderStatus.optional(),
    'filter[keywords]': Keywords,
    'filter[since]': Timestamp.optional(),
    /** The `next` of an earlier page; empty for the first. */
    next: z.string().default(''),
    limit: PageLimit,
  }),
  /** `next` is empty on the last page. */
  Page: z.object({ orders: z.array(OrderHistoryView), next: z.string() }),
};
