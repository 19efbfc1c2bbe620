import { messageOf, parseCommandLine } from './command-line';
import { addressTable, firstCalls } from './first-calls';
import { Fleet } from './fleet/fleet';
import { newLogSegments } from './infrastructure/postgres';

const help = `npm start -- [options]: starts PostgreSQL, NATS, the seven services and the five relays, without Docker.

  --data-dir DIR   where data, logs and passwords are kept [FTGO_DATA, or .ftgo in this folder]
  --free-ports     take any free ports instead of 8001 to 8015 and 8101 to 8106
  --help           this text

Ctrl-C stops everything in order, a second one at once. "npm run reset" removes the data.
Environment: FTGO_CACHE (folder for a downloaded nats-server), WEB_HTTP_HOST (address to listen on, 127.0.0.1),
and every variable of the services (LOG_LEVEL, CDC_MODE, ...) but SERVICE_ID, PG_CONN, NATS_URL, WEB_HTTP_PORT and
SHUTDOWN_TIMEOUT, which the launcher sets.`;

/** npm passes a terminal's Ctrl-C on to a process that has received it already; that is not a second one. */
const sameSignalMs = 1_000;

function print(line: string): void {
  console.log(line);
}

/** Seconds since the launcher was begun, the check of dependencies and build included. */
function elapsed(): string {
  const begun = Number(process.env['FTGO_BEGUN_AT'] ?? Date.now() - process.uptime() * 1000);
  return `${((Date.now() - begun) / 1000).toFixed(1)} s`;
}

/** First signal: an orderly end. Second: the end. */
function stopOnSignals(fleet: Fleet): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      print(`${signal}: stopping (again to stop at once)`);
      void fleet.stop().then(() => end(0));
    } else if (Date.now() - firstAt > sameSignalMs) {
      fleet.abandon();
      end(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // What ends npm may have told us already: its end is no second signal.
  stopWithParent(() => {
    if (firstAt === undefined) onSignal('SIGTERM');
  });
}

function end(code: number): never {
  if (code === 0) print(`stopped (${elapsed()})`);
  process.exit(code);
}

/** When npm is killed, some shells do not pass the signal on: an orphan of `npm start` stops by itself. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  if (process.env['npm_lifecycle_event'] === undefined || process.platform === 'win32') return;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, 1000);
  watch.unref();
}

async function main(): Promise<void> {
  const { help: wantsHelp, dataDir, freePorts } = parseCommandLine(process.argv.slice(2));
  if (wantsHelp) return print(help);
  const fleet = new Fleet({
    dataDir,
    ports: freePorts ? 'free' : {},
    logSegments: newLogSegments,
    onProgress: (line) => print(`${line} (${elapsed()})`),
    onReport: (line) => print(`! ${line}`),
  });
  stopOnSignals(fleet);
  process.on('uncaughtException', (error) => {
    console.error(error);
    fleet.abandon();
    process.exit(1);
  });
  await fleet.start();
  print(`\n${addressTable(fleet)}\n\n  PostgreSQL  ${fleet.adminUrl}\n  NATS        ${fleet.natsUrl}`);
  print(`  logs        ${fleet.logFile('*')}\n\nFirst calls:\n\n${firstCalls(fleet, new Date())}\n`);
  print(`all started in ${elapsed()}; Ctrl-C stops`);
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
