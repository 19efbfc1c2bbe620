/** What it begins with, in bytes, and what it goes back to after having grown beyond the most. */
const USUAL = 16_384;
const MOST = 1_048_576;
/** Of UTF-8, for a unit of a string. */
const LONGEST_CHARACTER = 3;
/** So long a text is written faster by hand than by a call out of JavaScript. */
const SHORT = 64;

const HYPHEN = '-'.charCodeAt(0);

/** Writes bytes, numbers with the highest byte first, into one buffer that is used again and again. */
export class ByteWriter {
  private buffer = Buffer.allocUnsafeSlow(USUAL);
  private end = 0;

  /** What is written meanwhile, as a buffer of its own. Of what throws, nothing stays. */
  collect(write: () => void): Buffer {
    this.end = 0;
    write();
    const bytes = Buffer.from(this.buffer.subarray(0, this.end));
    if (this.buffer.length > MOST) this.buffer = Buffer.allocUnsafeSlow(USUAL);
    return bytes;
  }

  int8(value: number): void {
    this.reserve(1);
    this.buffer[this.end++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.buffer[this.end++] = value >> 8;
    this.buffer[this.end++] = value;
  }

  /** @param value with or without a sign */
  int32(value: number): void {
    this.reserve(4);
    this.setInt32(this.end, value);
    this.end += 4;
  }

  text(value: string): void {
    this.reserve(LONGEST_CHARACTER * value.length);
    if (value.length > SHORT || !this.ascii(value)) this.end += this.buffer.write(value, this.end);
  }

  /** Sixteen bytes from their digits, with or without hyphens. @throws TypeError when it is no UUID */
  uuid(value: string): void {
    this.reserve(16);
    const { buffer } = this;
    let { end } = this;
    let digits = 0;
    let byte = 0;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code === HYPHEN) continue;
      byte = (byte << 4) | digitOf(code, value);
      digits += 1;
      if (digits > 32) break;
      if (digits % 2 === 0) buffer[end++] = byte;
    }
    if (digits !== 32) throw noUuid(value);
    this.end = end;
  }

  zeroEnded(value: string): void {
    this.text(value);
    this.int8(0);
  }

  /** Leaves room for the length of what follows. @returns where */
  openLength(): number {
    const start = this.end;
    this.int32(0);
    return start;
  }

  /** @param more what the length shall count besides */
  closeLength(start: number, more = 0): void {
    this.setInt32(start, this.end - start - 4 + more);
  }

  /** Writes over what is there. */
  setInt32(start: number, value: number): void {
    const { buffer } = this;
    buffer[start] = value >> 24;
    buffer[start + 1] = value >> 16;
    buffer[start + 2] = value >> 8;
    buffer[start + 3] = value;
  }

  /** @returns false, with nothing written, when it is not all ASCII */
  private ascii(value: string): boolean {
    const { buffer, end } = this;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      buffer[end + index] = code;
    }
    this.end = end + value.length;
    return true;
  }

  private reserve(size: number): void {
    const needed = this.end + size;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}

function digitOf(code: number, uuid: string): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x61 + 10;
  throw noUuid(uuid);
}

const noUuid = (text: string): TypeError => new TypeError(`${JSON.stringify(text)} is no UUID`);
