import { parseRelayCommand } from '../../src/cdc/relay-command';

describe("a relay's arguments", () => {
  it('ask for nothing but its work when there are none', () => {
    expect(parseRelayCommand([])).toEqual({ does: 'relay' });
  });

  it('ask for a replay from a time', () => {
    expect(parseRelayCommand(['replay', '--from', '2026-11-01T02:00:00+02:00'])).toEqual({
      does: 'replay',
      from: new Date('2026-11-01T00:00:00Z'),
    });
  });

  it.each(['parked', 'publish-parked'])('ask for %s', (does) => {
    expect(parseRelayCommand([does])).toEqual({ does });
  });

  it.each([
    { args: ['replay'] },
    { args: ['replay', '--from'] },
    { args: ['replay', '--from', 'yesterday'] },
    { args: ['replay', '--from', '2026-11-01'] },
    { args: ['replay', '--from', '2026-13-01T00:00:00Z'] },
    { args: ['replay', '--from', '2026-11-01T00:00:00Z', 'more'] },
    { args: ['parked', 'more'] },
    { args: ['publish-parked', '--all'] },
    { args: ['relay'] },
  ])('are refused with the usage: $args', ({ args }) => {
    expect(() => parseRelayCommand(args)).toThrow('replay --from');
  });
});
