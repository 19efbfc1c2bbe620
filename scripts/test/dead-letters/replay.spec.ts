import { join } from 'node:path';
import { pino } from 'pino';
import { PublishError, type DeadLetter } from '@ftgo/shared-ts/messaging';
import { postgresDeadLetters } from '@ftgo/shared-ts/postgres';
import { freshDatabase, type TestDatabase } from '@ftgo/shared-ts/testing';
import { openLetterBox, type Letter, type LetterBox } from '../../src/dead-letters/letters';
import { replay } from '../../src/dead-letters/replay';

describe('a replay', () => {
  const dead: DeadLetter = {
    consumer: 'kitchen-service',
    messageId: 'aa',
    subject: 'ftgo.test',
    headers: {},
    payload: Buffer.from('{}'),
    error: 'boom',
    attempts: 5,
    streamSequence: 1,
  };
  let database: TestDatabase;
  let box: LetterBox;
  let letter: Letter;

  beforeEach(async () => {
    database = await freshDatabase({ shared: ['inbox'], folder: join(__dirname, 'no-migrations') });
    box = openLetterBox(database.url, pino({ level: 'silent' }));
    await postgresDeadLetters(database.pool).add(dead);
    const [first] = await box.letters();
    if (first === undefined) throw new Error('there is no letter');
    letter = first;
  });
  afterEach(async () => {
    await box.close();
    await database.drop();
  });

  const waiting = async (): Promise<number[]> =>
    (await box.letters()).map(({ envelope }) => envelope.streamSequence);

  it('removes the letter after the broker has stored the message, not before', async () => {
    const publish = async (): Promise<void> => expect(await waiting()).toEqual([1]);
    expect(await replay(letter, { connected: true, publish })).toEqual({ published: true, removed: true });
    expect(await waiting()).toEqual([]);
  });

  it('leaves the letter when the broker has not stored the message', async () => {
    const publish = () => Promise.reject(new PublishError('no answer', false));
    await expect(replay(letter, { connected: true, publish })).rejects.toThrow('no answer');
    expect(await waiting()).toEqual([1]);
  });

  it('leaves a letter that was set aside again before the broker had answered', async () => {
    const publish = () => postgresDeadLetters(database.pool).add({ ...dead, streamSequence: 2 });
    expect(await replay(letter, { connected: true, publish })).toEqual({ published: true, removed: false });
    expect(await waiting()).toEqual([2]);
  });

  it('publishes nothing that somebody else has removed meanwhile', async () => {
    await letter.remove();
    const publish = () => Promise.reject(new Error('published'));
    expect(await replay(letter, { connected: true, publish })).toEqual({ published: false, removed: false });
  });
});
