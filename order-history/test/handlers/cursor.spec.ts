import fc from 'fast-check';
import { newId } from '@ftgo/shared-ts';
import { cursorOf, placeOf } from '../../src/handlers/cursor';

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('gives back the place that it was made of, and needs no escaping in a URL', () => {
    const times = fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.uuid(), (time, orderId) => {
        const place = { createdAt: time.toISOString(), orderId };
        const cursor = cursorOf(place);
        expect(placeOf(cursor)).toEqual(place);
        expect(encodeURIComponent(cursor)).toBe(cursor);
      }),
    );
  });

  const whole = cursorOf({ createdAt: '2030-01-31T17:00:00.000Z', orderId: newId() });

  it.each<[string, string]>([
    ['that is empty', ''],
    ['that is no base64url', '*'],
    ['with something behind it', `${whole}!`],
    ['with spaces round it', ` ${whole} `],
    ['that is cut off', whole.slice(0, -1)],
    ['without an id', encoded('2030-01-31T17:00:00.000Z')],
    ['whose id is no UUID', encoded('2030-01-31T17:00:00.000Z 1')],
    ['without a time', encoded(newId())],
    ['whose time is none', encoded(`yesterday ${newId()}`)],
    ['whose time no database can hold', encoded(`-271821-04-20T00:00:00.000Z ${newId()}`)],
    ['whose time is written in another way', encoded(`2030-01-31T17:00:00Z ${newId()}`)],
    ['with an id in upper case', encoded(`2030-01-31T17:00:00.000Z ${newId().toUpperCase()}`)],
    ['of more parts', encoded(`2030-01-31T17:00:00.000Z ${newId()} more`)],
    ['that is JSON', encoded('{"createdAt":"2030-01-31T17:00:00.000Z"}')],
  ])('%s is none', (_what, cursor) => {
    expect(placeOf(cursor)).toBeUndefined();
  });

  it('is none when it is any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(placeOf(text)).toBeUndefined()));
  });
});
