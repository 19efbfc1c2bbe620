import { Client } from 'pg';
import { copyOf, copyStatement, stepMs, type TableRows } from '../../src/bench/seed/template';

const order = '0193fe10-0000-7abc-8def-0123456789ab';
const consumer = '0193fe00-0000-7abc-8def-aaaaaaaaaaaa';
const others = ['0193fe00-0000-7abc-8def-bbbbbbbbbbbb', '0193fe00-0000-7abc-8def-cccccccccccc'];

const rows: TableRows = {
  table: 'copied',
  columns: [
    { name: 'id', type: 'uuid' },
    { name: 'data', type: 'json' },
    { name: 'words', type: 'text[]' },
    { name: 'reason', type: 'text' },
    { name: 'at', type: 'timestamp with time zone' },
  ],
  rows: [
    [order, `{"order":"${order}","by":"${consumer}","it's":1}`, '{a,b}', null, '2026-01-01 00:00:01+00'],
  ],
};

describe('copies of an order', () => {
  const client = new Client({ connectionString: process.env['FTGO_TEST_PG'] });
  let copies: { id: string; data: Record<string, unknown>; words: string[]; reason: unknown; at: Date }[];

  beforeAll(async () => {
    await client.connect();
    await client.query(
      'CREATE TEMPORARY TABLE copied (id uuid PRIMARY KEY, data json, words text[], reason text, at timestamptz)',
    );
    await client.query(copyStatement(rows, new Map([[consumer, others]])), [1, 10]);
    copies = (await client.query<(typeof copies)[number]>('SELECT * FROM copied ORDER BY id DESC')).rows;
  });
  afterAll(() => client.end());

  it('have ids of their own, each the same wherever it occurs', () => {
    expect(new Set(copies.map(({ id }) => id)).size).toBe(10);
    for (const { id, data } of copies) expect(data['order']).toBe(id);
  });

  it('are as much older as the times in their ids', () => {
    const ms = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    expect(copies.map(({ id }) => ms(order) - ms(id))).toEqual(
      copies.map((_, index) => (index + 1) * stepMs),
    );
    expect(copies[9]?.at.toISOString()).toBe('2026-01-01T00:00:00.000Z');
    expect(copies.map(({ id }) => id)).toEqual(copies.map((_, index) => copyOf(order, index + 1)));
  });

  it('take turns in what they share', () => {
    expect(new Set(copies.map(({ data }) => data['by']))).toEqual(new Set(others));
  });

  it('are the same in everything else', () => {
    expect(copies[0]).toMatchObject({ data: { "it's": 1 }, words: ['a', 'b'], reason: null });
  });
});
