import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDataFolder, removeData, takeDataFolder } from '../../src/fleet/data-folder';
import { RunningProcesses } from '../../src/fleet/running-processes';
import { reachableFolder } from '../../src/infrastructure/postgres-binaries';
import { temporaryFolder } from '../temporary-folder';

const base = temporaryFolder();

/** Names with a slash at the end are folders. */
function folderWith(...names: readonly string[]): string {
  const folder = mkdtempSync(join(base, 'data-'));
  for (const name of names)
    if (name.endsWith('/')) mkdirSync(join(folder, name));
    else writeFileSync(join(folder, name), '');
  return folder;
}

const ofAFleet = [
  ...[
    'postgres/',
    'postgres.location',
    'postgres.initdb-17/',
    'postgres.password',
    'nats/',
    'nats.conf',
    'logs/',
  ],
  ...['compile-cache/', 'pids.json', 'secrets.json', 'secrets.json.new', 'ports.json', 'ports-in-use.json'],
];

describe('a reset', () => {
  it('removes what a fleet has made, and its folder', () => {
    const folder = folderWith(...ofAFleet);
    expect(removeData(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it('leaves everything else, and tells of it', () => {
    const folder = folderWith(...ofAFleet, 'thesis.txt', 'natsume/', 'logs.old');
    expect(removeData(folder)).toEqual(['logs.old', 'natsume', 'thesis.txt']);
    expect(readdirSync(folder)).toEqual(['logs.old', 'natsume', 'thesis.txt']);
  });

  it('empties the folder that a link leads to', () => {
    const folder = folderWith(...ofAFleet);
    const link = join(base, 'link');
    symlinkSync(folder, link, 'junction');
    expect(removeData(link)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(link)).toEqual([]);
  });

  it('takes no folder for a fleet because it has logs', () => {
    expect(isDataFolder(folderWith('logs/'))).toBe(false);
    expect(isDataFolder(folderWith('logs/', 'secrets.json'))).toBe(true);
  });
});

it('a reset with half a note of where PostgreSQL has its data leaves the data of others', () => {
  mkdirSync(reachableFolder(), { recursive: true });
  removeData(folderWith('postgres.location'));
  expect(existsSync(reachableFolder())).toBe(true);
});

describe('a launcher', () => {
  it('leaves the rights of a folder that was there before', async () => {
    const folder = folderWith();
    const before = statSync(folder).mode;
    await takeDataFolder(folder, new RunningProcesses(join(folder, 'pids.json')));
    expect(statSync(folder).mode).toBe(before);
    expect(readdirSync(folder).sort()).toEqual(['logs', 'pids.json']);
  });
});
