import { randomUUID } from 'node:crypto';
import { eventually } from '@ftgo/shared-ts/testing';
import { freePort } from '../src/fleet/ports';
import { COOK, Kitchen, run, type Stored } from './dead-letters/kitchen';

describe('npm run dead-letters', () => {
  let kitchen: Kitchen;
  beforeEach(async () => {
    kitchen = await Kitchen.open();
  });
  afterEach(() => kitchen.close());

  const withoutMessageId = ({ headers, data }: Stored) => {
    const { 'Nats-Msg-Id': _, ...rest } = headers;
    return { headers: rest, data: Buffer.from(data) };
  };

  describe('list', () => {
    it('says so when nothing was set aside', async () => {
      expect(await kitchen.run('list')).toEqual({ code: 0, out: 'There are no dead letters.', errors: [] });
    });

    it('shows each message in a line, the oldest first', async () => {
      const soup = await kitchen.orderInVain('soup');
      const fish = await kitchen.orderInVain('fish');
      const { code, out } = await kitchen.run('list');
      expect(code).toBe(0);
      const [heading, ...lines] = out.split('\n').map((line) => line.split(/ {2,}/));
      expect(heading).toEqual(['SERVICE', 'MESSAGE ID', 'NAME', 'CHANNEL', 'ATTEMPTS', 'SET ASIDE', 'ERROR']);
      const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(lines).toEqual([
        ['kitchen-service', soup, COOK, kitchen.channel, '1', time, 'soup is off'],
        ['kitchen-service', fish, COOK, kitchen.channel, '1', time, 'fish is off'],
      ]);
    });

    it('shows those of one service when it is told to', async () => {
      const soup = await kitchen.orderInVain('soup');
      expect((await kitchen.run('list', '--service', 'kitchen')).out).toContain(soup);
      expect((await kitchen.run('list', '--service', 'kitchen-service')).out).toContain(soup);
      const others = await kitchen.run('list', '--service', 'order');
      expect(others.out).toBe('There are no dead letters of order-service.');
    });

    it('keeps what came from outside in its line, and from commanding the terminal', async () => {
      const id = await kitchen.orderInVain('cold\u001b[2Jsoup\nnext');
      const { out } = await kitchen.run('list');
      expect(out.split('\n')).toHaveLength(2);
      expect(out).toContain('cold\\u{1b}[2Jsoup');
      expect((await kitchen.run('show', id)).out).not.toContain('\u001b');
    });
  });

  describe('show', () => {
    it('shows all of a message', async () => {
      const soup = await kitchen.orderInVain('soup');
      const { rows } = await kitchen.database.pool.query<{ sequence: string }>(
        'SELECT stream_sequence AS sequence FROM dead_letters',
      );
      const { code, out } = await kitchen.run('show', soup);
      expect(code).toBe(0);
      for (const line of [
        `message    ${soup}`,
        `name       ${COOK}`,
        'service    kitchen-service',
        `origin     subject ${kitchen.subject}, stream sequence ${rows[0]?.sequence}`,
        'attempts   1',
        'error      soup is off\n           caused by Error: the oven is cold',
        `  ce-id: ${soup}\n`,
        '  ce-partitionkey: table 1\n',
        'payload (15 bytes)\n  {\n    "dish": "soup"\n  }',
      ])
        expect(out).toContain(line);
    });

    it('shows bytes that are no text in base64', async () => {
      await kitchen.send({}, Buffer.from([0, 255, 1]));
      await eventually(async () => expect(await kitchen.waiting()).toHaveLength(1));
      const { out } = await kitchen.run('show', kitchen.subject);
      expect(out).toContain(`message    ${kitchen.subject}#`);
      expect(out).toContain('payload (3 bytes, not UTF-8, in base64)\n  AP8B');
    });
  });

  describe('an id', () => {
    it('may be cut short as long as one message begins so', async () => {
      await kitchen.orderInVain('soup', 'aa1');
      await kitchen.orderInVain('fish', 'ab1');
      expect((await kitchen.run('show', 'aa')).out).toContain('"dish": "soup"');
      expect(await kitchen.run('show', 'a')).toEqual({
        code: 1,
        out: '',
        errors: ['2 dead letters have an id that begins with a: say more of it'],
      });
    });

    it('is meant by itself where others begin like it', async () => {
      await kitchen.orderInVain('soup', 'aa');
      await kitchen.orderInVain('fish', 'aab');
      const { code, out } = await kitchen.run('show', 'aa');
      expect(code).toBe(0);
      expect(out).toContain('"dish": "soup"');
      expect(out).not.toContain('fish');
    });

    it.each(['show', 'replay', 'delete'])('that is nobody’s is said to be so by %s', async (command) => {
      await kitchen.orderInVain('soup', 'aa');
      const errors = ['no dead letter has an id that begins with zz'];
      expect(await kitchen.run(command, 'zz', '--yes')).toEqual({ code: 1, out: '', errors });
      expect(await kitchen.waiting()).toEqual(['aa']);
    });

    it('that waits at two services needs the service to be replayed or deleted', async () => {
      await kitchen.orderInVain('soup', 'aa');
      await kitchen.database.pool.query(
        `INSERT INTO dead_letters SELECT 'order-service', message_id, subject, headers, payload, error, attempts, stream_sequence
         FROM dead_letters`,
      );
      const { code, errors } = await kitchen.run('delete', 'aa', '--yes');
      expect(code).toBe(1);
      expect(errors[0]).toMatch(/^aa waits at \S+ and \S+: choose one by --service$/);
      expect((await kitchen.run('delete', 'aa', '--yes', '--service', 'order')).code).toBe(0);
      expect(await kitchen.waiting()).toEqual(['aa']);
      expect((await kitchen.run('list')).out).toContain('kitchen-service');
    });
  });

  describe('replay', () => {
    it('has a message handled once its handler can, and forgets it', async () => {
      const soup = await kitchen.orderInVain('soup');
      await kitchen.database.pool.query(
        'INSERT INTO message_attempts (consumer, message_id, attempts) SELECT consumer, message_id, 3 FROM dead_letters',
      );
      kitchen.off.clear();
      const { code, out, errors } = await kitchen.run('replay', soup);
      expect({ code, errors }).toEqual({ code: 0, errors: [] });
      expect(out).toContain(`replayed ${soup}`);
      await eventually(async () => expect(await kitchen.cooked()).toEqual(['soup']));
      expect(await kitchen.waiting()).toEqual([]);
      expect((await kitchen.database.pool.query('SELECT FROM message_attempts')).rowCount).toBe(0);
    });

    it('publishes the message as it came, under an id that is new to the broker', async () => {
      const soup = await kitchen.orderInVain('soup');
      await kitchen.run('replay', soup);
      const [first, again] = await kitchen.stored();
      if (first === undefined || again === undefined) throw new Error('it was not published again');
      expect(withoutMessageId(again)).toEqual(withoutMessageId(first));
      expect(first.headers['Nats-Msg-Id']).toBe(soup);
      expect(again.headers['Nats-Msg-Id']).toMatch(new RegExp(`^${soup}#replay-[0-9a-f-]{36}$`));
    });

    it('leaves out what told the broker how to take the first publication', async () => {
      const position = 'Nats-Expected-Last-Subject-Sequence';
      await kitchen.send({ [position]: '0', 'ce-id': 'aa' }, Buffer.from('x'));
      await eventually(async () => expect(await kitchen.waiting()).toEqual(['aa']));
      await kitchen.run('replay', 'aa');
      const [, again] = await kitchen.stored();
      expect(Object.keys(again?.headers ?? {}).sort()).toEqual(['Nats-Msg-Id', 'ce-id']);
    });

    it('has one effect when a message is replayed twice', async () => {
      const soup = await kitchen.orderInVain('soup');
      kitchen.off.clear();
      const { pool } = kitchen.database;
      await pool.query('CREATE TABLE copy AS SELECT * FROM dead_letters');
      expect((await kitchen.run('replay', soup)).code).toBe(0);
      await pool.query('INSERT INTO dead_letters SELECT * FROM copy');
      expect((await kitchen.run('replay', soup)).code).toBe(0);
      expect(await kitchen.stored()).toHaveLength(3);
      // Of the same partition key, so handled after what came before it.
      await kitchen.order('bread');
      await eventually(async () => expect(await kitchen.cooked()).toContain('bread'));
      expect(await kitchen.cooked()).toEqual(['soup', 'bread']);
    });

    it('keeps a message that fails again, with its new origin', async () => {
      const soup = await kitchen.orderInVain('soup');
      const sequence = async () => {
        const { rows } = await kitchen.database.pool.query<{ sequence: string }>(
          'SELECT stream_sequence AS sequence FROM dead_letters WHERE message_id = $1',
          [soup],
        );
        return Number(rows[0]?.sequence);
      };
      const before = await sequence();
      await kitchen.run('replay', soup);
      await eventually(async () => expect(await sequence()).toBeGreaterThan(before));
    });

    it('replays byte for byte what can not be read and has no id', async () => {
      const bytes = Buffer.from([0, 255, 1, 0]);
      await kitchen.send({ 'x-from': 'a stranger' }, bytes);
      await eventually(async () => expect(await kitchen.waiting()).toHaveLength(1));
      const [madeUp = ''] = await kitchen.waiting();
      expect((await kitchen.run('replay', madeUp)).errors).toEqual([]);
      const [first, again] = await kitchen.stored();
      expect(again?.data).toEqual(first?.data);
      expect(Buffer.from(again?.data ?? [])).toEqual(bytes);
      expect(again?.headers['x-from']).toBe('a stranger');
      // It is no better than before, and is named after its new place.
      await eventually(async () =>
        expect(await kitchen.waiting()).toEqual([expect.not.stringContaining(madeUp)]),
      );
      const [anew = ''] = await kitchen.waiting();
      expect((await kitchen.run('delete', anew, '--yes')).code).toBe(0);
      expect(await kitchen.waiting()).toEqual([]);
    });

    it('--all replays all of a service in the order of the stream', async () => {
      for (const dish of ['soup', 'fish', 'cake']) await kitchen.orderInVain(dish);
      // As if the first had been tried longest.
      await kitchen.database.pool.query(
        `UPDATE dead_letters SET set_aside_at = now() + interval '1 hour' WHERE error = 'soup is off'`,
      );
      kitchen.off.clear();
      expect((await kitchen.run('replay', '--all', '--service', 'order')).out).toMatch(/no dead letters/);
      const { code, out } = await kitchen.run('replay', '--all', '--service', 'kitchen');
      expect(code).toBe(0);
      expect(out).toContain('3 of 3 replayed');
      await eventually(async () => expect(await kitchen.cooked()).toEqual(['soup', 'fish', 'cake']));
      expect(await kitchen.waiting()).toEqual([]);
    });

    it('keeps the dead letter when the broker can not be reached', async () => {
      const soup = await kitchen.orderInVain('soup');
      const nats = `127.0.0.1:${await freePort()}`;
      const { code, errors } = await run(['replay', soup], {
        PG_CONN: kitchen.database.url,
        NATS_URL: `nats://secret@${nats}`,
      });
      expect(code).toBe(1);
      expect(errors).toEqual([expect.stringContaining(`the broker at nats://${nats} can't be reached`)]);
      expect(await kitchen.waiting()).toEqual([soup]);
    });

    it('keeps the dead letter when the broker does not store the message', async () => {
      const soup = await kitchen.orderInVain('soup');
      await kitchen.database.pool.query(
        `UPDATE dead_letters SET subject = 'no.stream.has.this.${randomUUID()}'`,
      );
      const { code, out, errors } = await kitchen.run('replay', soup);
      expect({ code, out }).toEqual({ code: 1, out: '0 of 1 replayed' });
      expect(errors).toEqual([expect.stringMatching(new RegExp(`^${soup} .* stays: `))]);
      expect(await kitchen.waiting()).toEqual([soup]);
    });
  });

  describe('delete', () => {
    it('deletes nothing without --yes', async () => {
      const soup = await kitchen.orderInVain('soup');
      for (const which of [soup, '--all']) {
        const { code, out, errors } = await kitchen.run('delete', which);
        expect(code).toBe(1);
        expect(out).toContain(soup);
        expect(errors).toEqual([expect.stringContaining('nothing was deleted')]);
      }
      expect(await kitchen.waiting()).toEqual([soup]);
    });

    it('deletes one message, or all', async () => {
      const [soup, fish] = [await kitchen.orderInVain('soup'), await kitchen.orderInVain('fish')];
      expect((await kitchen.run('delete', soup, '--yes')).code).toBe(0);
      expect(await kitchen.waiting()).toEqual([fish]);
      await kitchen.orderInVain('cake');
      expect((await kitchen.run('delete', '--all', '--yes')).out).toContain('2 of 2 deleted');
      expect(await kitchen.waiting()).toEqual([]);
      expect(await kitchen.cooked()).toEqual([]);
    });
  });

  it.each([
    [[], 'say list, show, replay or delete'],
    [['lsit'], 'say list, show, replay or delete'],
    [['list', 'aa'], 'list takes no ID'],
    [['show'], 'show needs an ID'],
    [['show', ''], 'the ID is empty'],
    [['replay'], 'replay needs either an ID or --all'],
    [['delete', '--yes'], 'delete needs either an ID or --all'],
    [['delete', 'aa', '--all', '--yes'], 'delete needs either an ID or --all'],
    [['replay', 'aa', 'bb'], 'one ID at a time'],
    [['list', '--al'], "Unknown option '--al'"],
  ])('takes %j for no command', async (args, reason) => {
    await kitchen.orderInVain('soup', 'aa');
    const { code, out, errors } = await kitchen.run(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(errors).toEqual([expect.stringContaining(reason)]);
    expect(await kitchen.waiting()).toEqual(['aa']);
  });

  it('explains itself', async () => {
    const { code, out } = await kitchen.run('--help');
    expect(code).toBe(0);
    for (const word of ['list', 'show', 'replay', 'delete', '--service', '--data-dir', 'PG_CONN', 'NATS_URL'])
      expect(out).toContain(word);
  });
});
