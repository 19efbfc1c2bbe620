import { replay } from '@ftgo/shared-ts/domain';
import fc from 'fast-check';
import { consumerAggregate, type ConsumerEvent, type ConsumerState } from '../../src/domain/consumer';
import { register, registered, rename } from '../../src/domain/decisions';

const consumerId = '0196a5f0-0000-7000-8000-000000000001';
const given = (...events: ConsumerEvent[]): ConsumerState => replay(consumerAggregate, events);

const registeredAs = (name: string): ConsumerEvent => ({
  type: 'consumerapi.ConsumerRegistered',
  data: { name },
});
const renamedTo = (name: string): ConsumerEvent => ({ type: 'consumerapi.ConsumerRenamed', data: { name } });
const notFound = expect.objectContaining({ kind: 'not-found', code: 'CONSUMER_NOT_FOUND' }) as Error;

describe('Somebody who is not registered', () => {
  it('can register', () => {
    expect(register(given(), 'Ann')).toEqual([registeredAs('Ann')]);
    expect(given(registeredAs('Ann'))).toEqual({ status: 'Registered', name: 'Ann' });
  });

  it('can’t be renamed', () => {
    expect(() => rename(given(), consumerId, 'Ann')).toThrow(notFound);
  });

  it('is no consumer', () => {
    expect(() => registered(given(), consumerId)).toThrow(notFound);
  });

  it('can’t have been renamed', () => {
    expect(() => given(renamedTo('Ann'))).toThrow('before the consumer was registered');
  });
});

describe('A consumer', () => {
  it('can’t register twice', () => {
    expect(() => register(given(registeredAs('Ann')), 'Ann')).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'CONSUMER_EXISTS' }),
    );
  });

  it('can take another name', () => {
    expect(rename(given(registeredAs('Ann')), consumerId, 'Bea')).toEqual([renamedTo('Bea')]);
    expect(given(registeredAs('Ann'), renamedTo('Bea'))).toEqual({ status: 'Registered', name: 'Bea' });
  });

  it('can take a former name again', () => {
    const state = given(registeredAs('Ann'), renamedTo('Bea'));
    expect(rename(state, consumerId, 'Ann')).toEqual([renamedTo('Ann')]);
  });

  it('who takes the name that is there already changes nothing', () => {
    expect(rename(given(registeredAs('Ann')), consumerId, 'Ann')).toEqual([]);
    expect(rename(given(registeredAs('Ann'), renamedTo('Bea')), consumerId, 'Bea')).toEqual([]);
  });

  it('is one', () => {
    expect(registered(given(registeredAs('Ann')), consumerId)).toEqual({ status: 'Registered', name: 'Ann' });
  });

  it('has the last of all names taken, and no two events in a row give the same', () => {
    const names = fc.array(fc.constantFrom('Ann', 'Bea', 'Cleo'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(names, ([first = '', ...others]) => {
        const events = register(given(), first);
        for (const name of others) events.push(...rename(given(...events), consumerId, name));
        expect(given(...events)).toEqual({ status: 'Registered', name: others.at(-1) ?? first });
        const taken = events.map(({ data }) => data.name);
        expect(taken.every((name, index) => name !== taken[index + 1])).toBe(true);
      }),
    );
  });
});
