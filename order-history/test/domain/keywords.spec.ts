import fc from 'fast-check';
import { wordsOf } from '../../src/domain/keywords';

describe('words', () => {
  it.each<[string, string[]]>([
    ['Chicken Vindaloo', ['chicken', 'vindaloo']],
    ['  chicken,CHICKEN;Chicken! ', ['chicken']],
    ["Joe's #1 Bar-B-Q", ['joe', 's', '1', 'bar', 'b', 'q']],
    ['Crème Brûlée', ['crème', 'brûlée']],
    ['ΣΟΥΒΛΑΚΙ', ['σουβλακι']],
    ['Σίσυφος ΣΊΣΥΦΟΣ σίσυφοσ', ['σίσυφοσ']],
    ['Straße STRASSE', ['strasse']],
    ['İstanbul istanbul ISTANBUL', ['istanbul']],
    ['寿司 と ラーメン', ['寿司', 'と', 'ラーメン']],
    ['', []],
    ['!?', []],
  ])('of %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are the same for letters that Unicode writes in two ways', () => {
    expect(wordsOf('Cre\u0300me')).toEqual(wordsOf('Cr\u00e8me'));
  });

  it('stay what they are when they are split again, so that a word that is shown is found', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const word of wordsOf(text)) expect(wordsOf(word)).toEqual([word]);
      }),
    );
  });
});
