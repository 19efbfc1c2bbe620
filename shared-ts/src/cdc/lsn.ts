/** A position in the write-ahead log (log sequence number), in bytes since the cluster was made. */
export type Lsn = bigint;

/** Reads PostgreSQL's text form, e.g. `16/B374D848`. Throws on anything else. */
export function parseLsn(text: string): Lsn {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!match) throw new Error(`not a log sequence number: ${text}`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** The inverse of {@link parseLsn}. */
export function formatLsn(lsn: Lsn): string {
  const half = (part: bigint): string => part.toString(16).toUpperCase();
  return `${half(lsn >> 32n)}/${half(lsn & 0xffffffffn)}`;
}
