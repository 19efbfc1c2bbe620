import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Pool, type PoolClient } from 'pg';
import { SnapshotReader } from '../../src/cdc/snapshot-reader';
import { testServerUrl } from '../../src/testing/fresh-database';

describe('a look at the snapshot of a server', () => {
  let pool: Pool;
  let client: PoolClient;
  let reader: SnapshotReader;

  beforeEach(async () => {
    pool = new Pool({ connectionString: testServerUrl() });
    client = await pool.connect();
    reader = new SnapshotReader(client);
  });
  // The pool ends only when it has its client back.
  afterEach(async () => {
    reader.close();
    await pool.end();
  });

  it('sees a transaction when it has ended, not while it runs', async () => {
    const writer = await pool.connect();
    await writer.query('BEGIN');
    const { rows } = await writer.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
    const xid = Number(BigInt(rows[0]?.xid ?? 0n) % 2n ** 32n);
    const running = await reader.read();
    await writer.query('COMMIT');
    const ended = await reader.read();
    writer.release();
    expect([running.sees(xid), ended.sees(xid)]).toEqual([false, true]);
  });

  it('fails when the server ends the connection, and from then on', async () => {
    await reader.read();
    const { processID } = client as unknown as { processID: number };
    await pool.query('SELECT pg_terminate_backend($1, 10000)', [processID]);
    await expect(reader.read()).rejects.toThrow(/terminating connection|connection to the database ended/);
    await expect(reader.read()).rejects.toThrow();
  });
});

describe('what a server answers to a look', () => {
  let server: Server;
  let answering: Socket;
  let asking: Socket;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    asking = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [answering] = await accepted;
  });
  afterEach(() => {
    asking.destroy();
    answering.destroy();
    server.close();
  });

  const clientOf = (stream: Socket) =>
    ({ connection: { stream }, on: () => undefined, release: () => undefined }) as unknown as PoolClient;
  const message = (type: string, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  };
  const int32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const int64 = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  };
  const ready = message('Z', Buffer.from('I'));

  it('may come in pieces, and with notices before it', async () => {
    const look = new SnapshotReader(clientOf(asking)).read();
    await once(answering, 'data');
    const value = Buffer.concat([int32(2), int64(7n), int64(2n ** 33n), int64(9n), int64(2n ** 32n)]);
    const notice = message('N', Buffer.from('SNOTICE\0Mmind the gap\0\0'));
    const answer = Buffer.concat([notice, message('V', int32(value.length), value), ready]);
    for (const byte of answer) {
      answering.write(Buffer.of(byte));
      // Written by itself, so that it may be read by itself.
      await new Promise(setImmediate);
    }
    expect((await look).text).toBe(`7:${2n ** 33n}:9,${2n ** 32n}`);
  });

  it('may be a refusal, which says why', async () => {
    const look = new SnapshotReader(clientOf(asking)).read();
    await once(answering, 'data');
    answering.write(message('E', Buffer.from('SERROR\0C42501\0Mpermission denied for function\0\0')));
    await expect(look).rejects.toThrow('the database gives no snapshot: permission denied for function');
  });

  it('may not come: then the server is taken for lost', async () => {
    const look = new SnapshotReader(clientOf(asking), 50).read();
    await expect(look).rejects.toMatchObject({ message: 'the database does not answer', code: 'ETIMEDOUT' });
    expect(asking.destroyed).toBe(true);
  });

  it('may be the end of the connection, without a word', async () => {
    const reader = new SnapshotReader(clientOf(asking));
    const look = reader.read();
    await once(answering, 'data');
    answering.destroy();
    await expect(look).rejects.toThrow('the connection to the database ended');
    await expect(reader.read()).rejects.toThrow('the connection to the database ended');
  });

  it('is broken off by who closes the reader', async () => {
    const reader = new SnapshotReader(clientOf(asking));
    const look = reader.read();
    reader.close();
    await expect(look).rejects.toThrow('the connection to the database ended');
    expect(asking.destroyed).toBe(true);
  });

  it('is not missed while nothing is asked', async () => {
    const reader = new SnapshotReader(clientOf(asking), 50);
    await once(asking, 'timeout');
    expect(asking.destroyed).toBe(false);
    await expect(reader.read()).rejects.toThrow('the database does not answer');
  });
});
