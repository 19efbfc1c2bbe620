import { dirname, join, resolve } from 'node:path';
import { parseCommandLine } from '../src/command-line';

const repository = resolve(__dirname, '..', '..');
const dataDirOf = (args: readonly string[], environment: Record<string, string> = {}): string =>
  parseCommandLine(args, environment).dataDir;

describe('the data folder', () => {
  it('is .ftgo in the repository, unless FTGO_DATA or an option names another', () => {
    const elsewhere = { FTGO_DATA: '/data/a' };
    expect(dataDirOf([])).toBe(join(repository, '.ftgo'));
    expect(dataDirOf([], elsewhere)).toBe(resolve('/data/a'));
    expect(dataDirOf(['--data-dir', '/data/b'], elsewhere)).toBe(resolve('/data/b'));
  });

  it('is not the folder of the repository where FTGO_DATA is empty', () => {
    expect(dataDirOf([], { FTGO_DATA: '' })).toBe(join(repository, '.ftgo'));
  });

  it('counts from where npm was called', () => {
    expect(dataDirOf(['--data-dir', 'x'], { INIT_CWD: join(repository, 'docs') })).toBe(
      join(repository, 'docs', 'x'),
    );
  });

  it('needs a name', () => {
    expect(() => dataDirOf(['--data-dir='])).toThrow('needs the name of a folder');
  });

  it.each([repository, dirname(repository), resolve('/')])(
    'can not be %s, which has the repository in it',
    (folder) => {
      expect(() => dataDirOf(['--data-dir', folder])).toThrow('data need a folder of their own');
    },
  );
});

it.each(['data_dir', 'free_ports'])(
  'an option that npm has kept for itself (%s) is not overlooked',
  (name) => {
    expect(() => dataDirOf([], { [`npm_config_${name}`]: 'x' })).toThrow('write "--" before the options');
  },
);
