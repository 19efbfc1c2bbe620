import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone after the tests of the file, removed once `stop` has ended what uses it. */
export function temporaryFolder(stop: () => Promise<void> = async () => undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'ftgo-scripts-'));
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
