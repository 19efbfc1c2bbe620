import { channelOf, type WaitingDeadLetter } from '@ftgo/shared-ts/messaging';

/** What a list shows of an error at most, in characters. */
const ERROR_WIDTH = 100;

const heading = ['SERVICE', 'MESSAGE ID', 'NAME', 'CHANNEL', 'ATTEMPTS', 'SET ASIDE', 'ERROR'];

/** Dead letters as a table, a line each. */
export function asTable(letters: readonly WaitingDeadLetter[]): string {
  const rows = [heading, ...letters.map(asRow)];
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function asRow(letter: WaitingDeadLetter): string[] {
  const error = letter.error.split('\n', 1)[0] ?? '';
  return [
    letter.consumer,
    letter.messageId,
    nameOf(letter),
    channelOf(letter.subject),
    String(letter.attempts),
    letter.setAsideAt.toISOString(),
    error.length > ERROR_WIDTH ? `${error.slice(0, ERROR_WIDTH - 3)}...` : error,
  ].map((cell) => visible(cell, false));
}

/** All of a dead letter. */
export function asDetails(letter: WaitingDeadLetter, payload: Uint8Array): string {
  const facts: [string, string][] = [
    ['message', letter.messageId],
    ['name', nameOf(letter)],
    ['service', letter.consumer],
    ['origin', `subject ${letter.subject}, stream sequence ${letter.streamSequence}`],
    ['attempts', String(letter.attempts)],
    ['set aside', letter.setAsideAt.toISOString()],
    ['error', letter.error.replaceAll('\n', `\n${' '.repeat(11)}`)],
  ];
  const headers = Object.entries(letter.headers).map(
    ([name, value]) => `  ${visible(`${name}: ${value}`, false)}`,
  );
  const { kind, text } = readable(payload);
  return [
    ...facts.map(([name, value]) => `${name.padEnd(11)}${visible(value, true)}`),
    'headers',
    ...headers,
    `payload (${payload.length} bytes${kind})`,
    ...visible(text, true)
      .split('\n')
      .map((line) => `  ${line}`),
  ].join('\n');
}

/** The message's name, as far as it says one; header names are read as consumers read them. */
export function nameOf({ headers }: Pick<WaitingDeadLetter, 'headers'>): string {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'ce-type')?.[1];
  return found === undefined || found === '' ? '-' : found;
}

function readable(payload: Uint8Array): { kind: string; text: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    return { kind: ', not UTF-8, in base64', text: Buffer.from(payload).toString('base64') };
  }
  try {
    return { kind: '', text: JSON.stringify(JSON.parse(text), null, 2) };
  } catch {
    return { kind: ', not JSON', text };
  }
}

/** What came from outside must not command the terminal: control characters are shown by their codes. */
export function visible(text: string, mayHaveLines: boolean): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => {
    if (mayHaveLines && character === '\n') return character;
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
