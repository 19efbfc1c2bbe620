/**
 * The words of some texts, each once: letters and digits of any script, in lower case. Names and what is looked for are split alike, and
 * letters that Unicode can write in two ways count as the same.
 */
export const wordsOf = (...texts: readonly string[]): string[] => [
  ...new Set(
    texts.flatMap(
      (text) =>
        text
          .normalize('NFKC')
          .toLowerCase()
          .match(/[\p{L}\p{N}]+/gu) ?? [],
    ),
  ),
];
