/**
 * The words of some texts, each once: letters and digits of any script, in one case. Names and what is looked for are split alike, and
 * letters that Unicode can write in two ways count as the same.
 */
export const wordsOf = (...texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap((text) => inOneCase(text).match(/[\p{L}\p{N}]+/gu) ?? [])),
];

/** In capitals first, for what has one small letter too many or too few: ß and SS; a sigma at a word's end; i with and without a dot. */
const inOneCase = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll('ς', 'σ')
    .replaceAll('i\u0307', 'i');
