import { parseCommand, scenarioNames } from '../../src/bench/command';

const extentOf = (args: string[]) => {
  const command = parseCommand(args);
  return command.does === 'bench' ? command.extent : undefined;
};

describe('npm run bench', () => {
  it('runs everything in its full length if it is told nothing', () => {
    expect(parseCommand([])).toMatchObject({ does: 'bench', only: scenarioNames, quick: false });
    expect(extentOf([])).toMatchObject({
      seconds: 30,
      soakSeconds: 600,
      ordersAtRest: 300,
      quietSeconds: 60,
      ordersInAll: 200_000,
    });
  });

  it('runs some scenarios in their own order', () => {
    expect(parseCommand(['--only', 'throughput, at-rest'])).toMatchObject({
      only: ['at-rest', 'throughput'],
    });
  });

  it('names the scenarios when it is asked for one that there is not', () => {
    expect(() => parseCommand(['--only', 'speed'])).toThrow(
      'there is no scenario "speed"; there are start, at-rest',
    );
  });

  it('takes the length of a stretch, which a soak has 20 times', () => {
    expect(extentOf(['--seconds', '10'])).toMatchObject({ seconds: 10, soakSeconds: 200 });
    expect(extentOf(['--quick', '--seconds', '2'])).toMatchObject({
      seconds: 2,
      soakSeconds: 40,
      ordersAtRest: 50,
      quietSeconds: 5,
    });
  });

  it.each(['0', '-1', '1.5', 'long'])('refuses %s seconds', (text) => {
    expect(() => parseCommand([`--seconds=${text}`])).toThrow('--seconds must be an integer of at least 1');
  });

  it('refuses what it does not know', () => {
    expect(() => parseCommand(['--fast'])).toThrow("Unknown option '--fast'");
  });
});
