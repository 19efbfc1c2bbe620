import { values } from '@ftgo/serviceapis';
import type { Place } from '../domain/search';

/** Writes a place as a page's `next`. Clients hand it back as it is; what is in it may change. */
export const cursorOf = ({ createdAt, orderId }: Place): string =>
  Buffer.from(`${createdAt} ${orderId}`).toString('base64url');

/** The place that a cursor says; nothing when the text is no cursor of ours. */
export function placeOf(cursor: string): Place | undefined {
  const [time, id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const createdAt = values.UtcTimestamp.safeParse(time);
  const orderId = values.Id.safeParse(id);
  if (!createdAt.success || !orderId.success) return undefined;
  const place = { createdAt: new Date(createdAt.data).toISOString(), orderId: orderId.data };
  // There is one way to write a place. Decoding skips what is no base64url, so only this shows whether all of the text counted.
  return cursorOf(place) === cursor ? place : undefined;
}
