import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNote, writeNote } from '../../src/fleet/note-file';
import { temporaryFolder } from '../temporary-folder';

describe('a note in the data folder', () => {
  const folder = temporaryFolder();
  const noteOf = (name: string) => join(folder, name);

  it('is read as it was written', () => {
    writeNote(noteOf('ports.json'), { nats: 24222 });
    expect(readNote(noteOf('ports.json'))).toEqual({ nats: 24222 });
  });

  it('is undefined where there is none', () => {
    expect(readNote(noteOf('none.json'))).toBeUndefined();
  });

  it('is named when it is broken, with what to do', () => {
    const file = noteOf('half.json');
    writeFileSync(file, '{"nats": 24');
    expect(() => readNote(file)).toThrow(
      `${file} is no JSON: mend it, or begin anew with empty data by "npm run reset"`,
    );
  });

  (process.platform === 'win32' ? it.skip : it)('is closed to others where it is to be', () => {
    const file = noteOf('secrets.json');
    writeNote(file, {}, 0o600);
    writeNote(file, { superuser: 'x' }, 0o600);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
