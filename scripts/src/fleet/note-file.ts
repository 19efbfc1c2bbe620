import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * What a file of the data folder holds; undefined when it is not there.
 * @throws Error in one line, with the file's name, when it is not JSON
 */
export function readNote<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${file} is no JSON: mend it, or begin anew with empty data by "npm run reset"`);
  }
}

/**
 * Written beside and renamed: half a file would lock the data folder for ever.
 * @param mode who may read it; everybody if left out
 */
export function writeNote(file: string, value: unknown, mode = 0o644): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode });
  renameSync(`${file}.new`, file);
}
