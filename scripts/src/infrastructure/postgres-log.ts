import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnprivilegedUser } from './unprivileged-user';

const megabyte = 1024 * 1024;
/** A segment of the write-ahead log, as initdb lays it out. */
const segmentMegabytes = 16;

/** How much of its log a new fleet has from the beginning: 512 MB, some 17,000 orders. */
export const newLogSegments = 32;

/**
 * Makes the segments of a new cluster's log that follow its first one. PostgreSQL makes a segment when the log gets there: it fills it with zeros, and all commits wait meanwhile.
 * It takes a file that is there as it is (XLogFileInit in xlog.c), which is what checkpoints leave it in the long run: old segments under the names of the next.
 *
 * @param folder is made, and holds nothing else
 * @param count fewer are made where the disk has little room
 * @param user whom they will belong to; who runs this if left out
 */
export async function makeSegments(
  folder: string,
  count: number,
  user: UnprivilegedUser | undefined,
): Promise<void> {
  await mkdir(folder);
  const zeros = Buffer.alloc(megabyte);
  const { bavail, bsize } = await statfs(folder);
  const last = 1 + segmentsFor(count, bavail * bsize);
  for (let number = 2; number <= last; number++) {
    const file = await open(join(folder, segmentName(number)), 'wx', 0o600);
    try {
      for (let written = 0; written < segmentMegabytes; written++) await file.writeFile(zeros);
      if (user !== undefined) await file.chown(user.uid, user.gid);
      // Otherwise the first commit in it would have to write all of it.
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/**
 * How many of the wanted segments a disk is given: they only save time, so they take no more than a quarter of what is free.
 * @param free bytes
 */
export const segmentsFor = (wanted: number, free: number): number =>
  Math.min(wanted, Math.floor(free / 4 / (segmentMegabytes * megabyte)));

/** Moves segments into the cluster that they were made for, whose server must not be running. */
export async function moveSegments(folder: string, cluster: string): Promise<void> {
  for (const name of await readdir(folder)) await rename(join(folder, name), join(cluster, 'pg_wal', name));
  await rm(folder, { recursive: true });
}

/** Timeline 1, then the log's position by 4 GB, then the segment in these. */
const segmentName = (number: number): string =>
  `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
