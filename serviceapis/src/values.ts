import { z } from 'zod';

/**
 * Text that PostgreSQL can store and a log can show: no control characters (NUL cannot be stored at all) and no lone
 * surrogates (they are not valid UTF-8). Line breaks and tabs count as control characters: these are names and address lines.
 */
const isStorable = (value: string): boolean => value.isWellFormed() && !/\p{Cc}/u.test(value);

const storableText = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `must have at most ${max} characters`)
    .refine(isStorable, 'must not contain control characters or broken Unicode');

/** A name that people read: 1 to 200 characters after trimming. */
export const Name = storableText(200).min(1, 'must not be empty');

/** A line of an address: 1 to 200 characters after trimming. */
const AddressLine = storableText(200).min(1, 'must not be empty');

/** Where food is fetched or brought. */
export const Address = z.object({
  street1: AddressLine,
  street2: storableText(200).optional(),
  city: AddressLine,
  state: AddressLine,
  zip: storableText(20).min(1, 'must not be empty'),
});
export type Address = z.infer<typeof Address>;

/** An integer number of cents, 0 to 21,474,836.47. */
export const Price = z
  .int('must be an integer number of cents')
  .min(0, 'must not be negative')
  .max(2_147_483_647, 'must be at most 2147483647');

/** A sum of prices times quantities: an integer number of cents that stays exact in a double. */
export const Total = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** How often an item is ordered. */
export const Quantity = z
  .int('must be an integer')
  .min(1, 'must be at least 1')
  .max(10_000, 'must be at most 10000');

/** A revised quantity: 0 takes the item off the bill. */
export const RevisedQuantity = z
  .int('must be an integer')
  .min(0, 'must be at least 0')
  .max(10_000, 'must be at most 10000');

/** The name that a restaurant gives an item of its menu, unique within the menu. Chosen by the restaurant, so not necessarily a UUID. */
export const MenuItemId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/,
    'must be 1 to 100 letters, digits, dots, colons, hyphens or underscores, and begin with a letter or digit',
  );

/** A date of the calendar whose year has four digits in UTC too: messages carry UTC, and their readers refuse any other year. */
const isDate = (value: string): boolean => {
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && /^\d{4}-/.test(time.toISOString());
};

/** RFC 3339, with seconds and an offset; kept as UTC with milliseconds. */
export const Timestamp = z.iso
  .datetime({ offset: true, abort: true, message: 'must be an RFC 3339 time such as 2030-01-31T18:30:00Z' })
  .refine(isDate, 'must be an existing date of the years 0 to 9999')
  .transform((value) => new Date(value).toISOString());

/** RFC 3339 in UTC, as messages carry it. */
export const UtcTimestamp = z.iso.datetime({ offset: true });

/**
 * A JSON object from menu item ids to numbers. Its keys are checked one by one first, because a record schema
 * silently skips a key such as `__proto__`.
 */
const quantities = (quantity: typeof Quantity) => {
  const record = z.record(MenuItemId, quantity);
  const { $schema: _dialect, ...documented } = z.toJSONSchema(record);
  return z
    .custom<unknown>(
      (value) =>
        typeof value !== 'object' ||
        value === null ||
        Object.keys(value).every((key) => MenuItemId.safeParse(key).success),
      { message: 'has a key that is no menu item id', abort: true },
    )
    .pipe(record)
    .refine((items) => Object.keys(items).length > 0, 'must name at least one menu item')
    .meta({ ...documented, minProperties: 1 });
};

/** Menu item id to quantity, as an order's lines are sent. */
export const LineItemQuantities = quantities(Quantity);

/** Menu item id to its new quantity; items that are not named keep theirs. */
export const RevisedQuantities = quantities(RevisedQuantity);
export type RevisedQuantities = Readonly<Record<string, number>>;

/** An item of a restaurant's menu. */
export const MenuItem = z.object({ id: MenuItemId, name: Name, price: Price });
export type MenuItem = z.infer<typeof MenuItem>;

/** An item of a menu as it was ordered: name and price are those of the moment of the order. */
export const LineItem = z.object({
  menuItemId: MenuItemId,
  name: Name,
  price: Price,
  quantity: RevisedQuantity,
});
export type LineItem = z.infer<typeof LineItem>;

/** What the kitchen must know of an ordered item. */
export const TicketLineItem = z.object({ menuItemId: MenuItemId, name: Name, quantity: RevisedQuantity });
export type TicketLineItem = z.infer<typeof TicketLineItem>;

/** Any UUID. */
export const Id = z.guid('must be a UUID').toLowerCase();
