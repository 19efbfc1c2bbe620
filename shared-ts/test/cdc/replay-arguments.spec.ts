import { replayFrom } from '../../src/cdc/replay';

describe("a relay's arguments", () => {
  it('ask for a replay from a time', () => {
    expect(replayFrom(['replay', '--from', '2026-11-01T02:00:00+02:00'])).toEqual(
      new Date('2026-11-01T00:00:00Z'),
    );
  });

  it('ask for none when there are none', () => {
    expect(replayFrom([])).toBeUndefined();
  });

  it.each([
    { args: ['replay'] },
    { args: ['replay', '--from'] },
    { args: ['replay', '--from', 'yesterday'] },
    { args: ['replay', '--from', '2026-11-01'] },
    { args: ['replay', '--from', '2026-13-01T00:00:00Z'] },
    { args: ['replay', '--from', '2026-11-01T00:00:00Z', 'more'] },
  ])('are refused with the usage: $args', ({ args }) => {
    expect(() => replayFrom(args)).toThrow('usage: replay --from');
  });
});
