/** Writes pgoutput messages as the server does; see "Logical Replication Message Formats". */

export function begin(finalLsn: bigint, microseconds: bigint, xid: number): Buffer {
  return Buffer.concat([letter('B'), uint64(finalLsn), int64(microseconds), uint32(xid)]);
}

export function commit(commitLsn: bigint, endLsn: bigint): Buffer {
  return Buffer.concat([letter('C'), Buffer.from([0]), uint64(commitLsn), uint64(endLsn), int64(0n)]);
}

export function relation(
  relationId: number,
  namespace: string,
  table: string,
  columns: readonly string[],
): Buffer {
  const column = (name: string): Buffer =>
    Buffer.concat([Buffer.from([0]), text(name), uint32(25), uint32(0xffffffff)]);
  return Buffer.concat([
    letter('R'),
    uint32(relationId),
    text(namespace),
    text(table),
    letter('d'),
    uint16(columns.length),
    ...columns.map(column),
  ]);
}

export function insert(relationId: number, values: readonly (string | null)[]): Buffer {
  const value = (content: string | null): Buffer => {
    if (content === null) return letter('n');
    const bytes = Buffer.from(content);
    return Buffer.concat([letter('t'), uint32(bytes.length), bytes]);
  };
  return Buffer.concat([
    letter('I'),
    uint32(relationId),
    letter('N'),
    uint16(values.length),
    ...values.map(value),
  ]);
}

const letter = (value: string): Buffer => Buffer.from(value, 'latin1');
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
