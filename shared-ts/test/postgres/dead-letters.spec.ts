import { newId } from '../../src/ids';
import type { DeadLetter } from '../../src/messaging';
import { postgresDeadLetters } from '../../src/postgres';
import { freshDatabase, type TestDatabase } from '../../src/testing';
import { sharedSchema } from '../unit-of-work/test-ports';

describe('dead letters on PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(sharedSchema);
  });
  afterAll(() => database.drop());

  const letters = () => postgresDeadLetters(database.pool);
  const letter = (overrides: Partial<DeadLetter> = {}): DeadLetter => ({
    consumer: 'test-service',
    messageId: newId(),
    subject: 'ftgo.testservice',
    headers: { 'ce-type': 'größe' },
    payload: Buffer.from('{"n": 1}'),
    error: 'poison',
    attempts: 5,
    streamSequence: 7,
    ...overrides,
  });
  const stored = async (messageId: string): Promise<unknown[]> =>
    (
      await database.pool.query(
        `SELECT consumer, subject, headers, payload, error, attempts, stream_sequence::int AS "streamSequence"
         FROM dead_letters WHERE message_id = $1`,
        [messageId],
      )
    ).rows;

  it('are kept with all that a replay needs', async () => {
    const { messageId, ...rest } = letter();
    await letters().add({ messageId, ...rest });
    expect(await stored(messageId)).toEqual([rest]);
  });

  it('count the tries of a message, for each consumer', async () => {
    const id = newId();
    const counts = [
      await letters().countAttempt('one', id),
      await letters().countAttempt('one', id),
      await letters().countAttempt('two', id),
    ];
    expect(counts).toEqual([1, 2, 1]);
  });

  it('count no try of a message that was handled, and whose acknowledgement only was lost', async () => {
    const id = newId();
    await letters().countAttempt('one', id);
    await database.pool.query('INSERT INTO inbox (consumer, message_id) VALUES ($1, $2)', ['one', id]);
    expect(await letters().countAttempt('one', id)).toBe(0);
    expect(await letters().countAttempt('two', id)).toBe(1);
  });

  it('forget the tries of a message that is set aside', async () => {
    const dead = letter();
    await letters().countAttempt(dead.consumer, dead.messageId);
    await letters().add(dead);
    expect(await letters().countAttempt(dead.consumer, dead.messageId)).toBe(1);
  });

  it('keep one letter of a message that is set aside again, as it came the last time', async () => {
    const dead = letter();
    await letters().add(dead);
    const again = {
      ...dead,
      error: 'still poison',
      attempts: 6,
      payload: Buffer.from('other'),
      streamSequence: 9,
    };
    await letters().add(again);
    const { messageId, ...rest } = again;
    expect(await stored(messageId)).toEqual([rest]);
  });

  it('take what no text can hold: the payload byte for byte, the rest with marks for the NULs', async () => {
    const payload = Buffer.from([0x00, 0xff, 0xc3, 0x28]);
    const dead = letter({
      payload,
      subject: 'a\u0000b',
      error: 'c\u0000d',
      headers: { 'ce-type': 'e\u0000f' },
    });
    await letters().add(dead);
    expect(await stored(dead.messageId)).toMatchObject([
      { payload, subject: 'a\uFFFDb', error: 'c\uFFFDd', headers: { 'ce-type': 'e\u0000f' } },
    ]);
  });
});
