import fc from 'fast-check';
import { formatLsn, parseLsn } from '../../src/cdc/lsn';
import { decodePgOutput } from '../../src/cdc/pgoutput';
import { begin, commit, insert, relation } from './pgoutput-encoder';

const POSTGRES_EPOCH = Date.UTC(2000, 0, 1);
const lsn = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const oid = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const name = fc.string({ unit: 'grapheme', maxLength: 63 }).filter((text) => !text.includes('\0'));

describe('the decoder of pgoutput', () => {
  it('reads the start of a transaction', () => {
    fc.assert(
      fc.property(
        lsn,
        fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
        oid,
        (finalLsn, at, xid) => {
          const microseconds = BigInt(at.getTime() - POSTGRES_EPOCH) * 1000n;
          expect(decodePgOutput(begin(finalLsn, microseconds, xid))).toEqual({
            kind: 'begin',
            committedAt: at.getTime(),
            xid,
          });
        },
      ),
    );
  });

  it('reads the end of a transaction', () => {
    fc.assert(
      fc.property(lsn, lsn, (commitLsn, endLsn) => {
        expect(decodePgOutput(commit(commitLsn, endLsn))).toEqual({ kind: 'commit', endLsn });
      }),
    );
  });

  it('reads the names of a table and of its columns', () => {
    fc.assert(
      fc.property(
        oid,
        name,
        name,
        fc.array(name, { maxLength: 20 }),
        (relationId, namespace, table, columns) => {
          expect(decodePgOutput(relation(relationId, namespace, table, columns))).toEqual({
            kind: 'relation',
            relationId,
            name: table,
            columns,
          });
        },
      ),
    );
  });

  it('reads the values of a row, NULL and the empty text apart', () => {
    const value = fc.option(fc.string({ unit: 'binary', maxLength: 300 }), { nil: null });
    fc.assert(
      fc.property(oid, fc.array(value, { maxLength: 20 }), (relationId, values) => {
        const message = decodePgOutput(insert(relationId, values));
        expect(message.kind).toBe('insert');
        if (message.kind !== 'insert') return;
        expect(message.relationId).toBe(relationId);
        expect(message.values.map((bytes) => bytes?.toString('utf8') ?? null)).toEqual(
          values.map((text) => (text === null ? null : Buffer.from(text).toString('utf8'))),
        );
      }),
    );
  });

  it('keeps the values of a row when the connection uses its buffer again', () => {
    const received = insert(1, ['some text', 'more']);
    const message = decodePgOutput(received);
    received.fill(0);
    expect(message.kind === 'insert' && message.values.map(String)).toEqual(['some text', 'more']);
  });

  it.each(['O', 'Y', 'U', 'D', 'T', 'M'])('skips messages of type %s', (letter) => {
    expect(decodePgOutput(Buffer.from(`${letter}whatever`))).toEqual({ kind: 'skipped' });
  });

  it('refuses what it does not know', () => {
    expect(() => decodePgOutput(Buffer.from('S'))).toThrow('unknown message type');
    expect(() => decodePgOutput(Buffer.alloc(0))).toThrow('unknown message type');
    const unchangedToast = insert(1, ['x']);
    unchangedToast.write('u', 8);
    expect(() => decodePgOutput(unchangedToast)).toThrow('unknown value format');
  });

  it('refuses a message that is cut off, wherever', () => {
    const whole = insert(1, ['some text', null, 'more']);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodePgOutput(whole.subarray(0, length))).toThrow();
    }
  });
});

describe('a log sequence number', () => {
  it('reads what it writes', () => {
    fc.assert(fc.property(lsn, (position) => expect(parseLsn(formatLsn(position))).toBe(position)));
  });

  it("has PostgreSQL's form", () => {
    expect(parseLsn('16/B374D848')).toBe(0x16_b374_d848n);
    expect(formatLsn(0x16_b374_d848n)).toBe('16/B374D848');
    expect(() => parseLsn('16')).toThrow('not a log sequence number');
  });
});
