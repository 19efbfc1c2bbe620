import { duration, parseDuration } from '../../src/config';

describe('A duration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['10', 10_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', 'soon', '-1s', '10 weeks', 's', '1s2', '1e3'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('has limits', () => {
    expect(duration({ min: 1 }).safeParse('0').success).toBe(false);
    expect(duration({ max: 1_000 }).safeParse('1001ms').success).toBe(false);
    expect(duration({ min: 1, max: 1_000 }).safeParse('1s').data).toBe(1_000);
  });

  it('is never longer than a timer can wait', () => {
    expect(duration().safeParse('24d').success).toBe(true);
    expect(duration().safeParse('25d').success).toBe(false);
  });
});
