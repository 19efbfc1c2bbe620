import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian keeps the programs of each version apart, off the PATH. */
const debianFolder = '/usr/lib/postgresql';

/** The path of pgbench, PostgreSQL's own load generator in C; undefined where it is not installed. */
export function findPgbench(): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort().reverse() : [];
  const candidates = ['pgbench', ...versions.map((version) => join(debianFolder, version, 'bin', 'pgbench'))];
  return candidates.find((file) => spawnSync(file, ['--version'], { windowsHide: true }).status === 0);
}

/** A transaction for pgbench: its script, and how often it is taken in comparison to the others. */
export interface WeightedScript {
  readonly sql: string;
  readonly weight: number;
}

/** What {@link runPgbench} is told. */
export interface PgbenchRun {
  readonly executable: string;
  readonly databaseUrl: string;
  readonly scripts: readonly WeightedScript[];
  readonly clients: number;
  /** For how long, or how many transactions each client does. */
  readonly amount: { readonly seconds: number } | { readonly transactions: number };
  /** Where the scripts are written. */
  readonly folder: string;
}

/**
 * Runs the scripts from so many connections, with prepared statements, and gives transactions a second.
 *
 * @throws Error with what pgbench said when it fails
 */
export async function runPgbench(run: PgbenchRun): Promise<number> {
  const files = run.scripts.map(({ sql, weight }, index) => {
    const file = join(run.folder, `script-${index}.sql`);
    writeFileSync(file, `${sql};\n`);
    return `--file=${file}@${weight}`;
  });
  const { hostname, port, username, password, pathname } = new URL(run.databaseUrl);
  const args = [
    '--no-vacuum',
    '--protocol=prepared',
    `--host=${decodeURIComponent(hostname)}`,
    `--port=${port}`,
  ];
  args.push(
    `--username=${username}`,
    `--client=${run.clients}`,
    '--jobs=2',
    'seconds' in run.amount ? `--time=${run.amount.seconds}` : `--transactions=${run.amount.transactions}`,
    ...files,
  );
  const child = spawn(run.executable, [...args, pathname.slice(1)], {
    env: { ...process.env, PGPASSWORD: decodeURIComponent(password) },
    windowsHide: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [, perSecond] = /^tps = ([\d.]+)/m.exec(said) ?? [];
  if (code !== 0 || perSecond === undefined) throw new Error(`pgbench failed: ${said.trim()}`);
  return Number(perSecond);
}
