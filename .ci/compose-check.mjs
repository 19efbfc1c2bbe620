// Builds and runs docker-compose.yml for real: up, healthy, the Postman collection green, Prometheus sees all targets up, down.
//   node .ci/compose-check.mjs COMPOSE_LAB LOG
// COMPOSE_LAB runs a command against a Docker engine (`env` does, where one runs); its exit code 75 says that there is none here. LOG gets the closing line.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const [lab, log] = process.argv.slice(2);
const NO_ENGINE = 75;
const PROJECT = 'ftgo-check';
// Other ports than the defaults: this checks that they can be overridden, too.
const BASE = 18000;
const ports = {
  ACCOUNTING: 1,
  CONSUMER: 2,
  DELIVERY: 3,
  KITCHEN: 4,
  ORDER: 5,
  RESTAURANT: 6,
  ORDER_HISTORY: 15,
};
const relays = { ACCOUNTING: 101, CONSUMER: 102, KITCHEN: 104, ORDER: 105, RESTAURANT: 106 };
const PROMETHEUS = 19090;
const env = { ...process.env, PROMETHEUS_PORT: String(PROMETHEUS), COMPOSE_HTTP_TIMEOUT: '300' };
for (const [name, port] of Object.entries(ports)) env[`${name}_PORT`] = String(BASE + port);
for (const [name, port] of Object.entries(relays)) env[`${name}_CDC_PORT`] = String(BASE + port);

const brokerUsers = [
  'OPERATOR',
  ...Object.keys(ports).map((name) => `${name}_SERVICE`),
  ...Object.keys(relays).map((name) => `${name}_CDC`),
];
// Of their own, too, and a letter first: the broker's configuration takes digits for a number.
const require = createRequire(import.meta.url);
const { databases, rolesOf } = require('../scripts/dist/infrastructure/databases.js');
const secrets = [
  'POSTGRES_PASSWORD',
  ...rolesOf(databases).map((role) => `${role.toUpperCase()}_DB_PASSWORD`),
  ...brokerUsers.map((name) => `${name}_NATS_PASSWORD`),
];
for (const name of secrets) env[name] = `p${randomBytes(12).toString('hex')}`;

let passed = 0;
let failed = 0;

function run(args, { quiet = false } = {}) {
  const result = spawnSync(lab, args, { env, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (!quiet || result.status !== 0) process.stderr.write(result.stderr ?? '');
  return { status: result.status ?? 1, stdout: result.stdout ?? '' };
}
const compose = (...args) => run(['docker-compose', '-p', PROJECT, ...args]);

async function check(name, test) {
  try {
    await test();
    passed += 1;
    console.log(`  ✓ compose: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`  ✗ compose: ${name}: ${error.message}`);
  }
}

async function eventually(test, seconds) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await test();
    } catch (error) {
      if (Date.now() > end) throw error;
      await pause(2000);
    }
  }
}

function containers() {
  const ids = compose('ps', '-q').stdout.split('\n').filter(Boolean);
  if (ids.length === 0) throw new Error('there are no containers');
  const inspected = run(['docker', 'inspect', ...ids], { quiet: true });
  return JSON.parse(inspected.stdout).map(({ Name, Config, HostConfig, State, RestartCount }) => ({
    name: Name,
    status: State.Status,
    health: State.Health?.Status,
    exitCode: State.ExitCode,
    restarts: RestartCount,
    user: Config.User,
    readOnly: HostConfig.ReadonlyRootfs,
    privileges: `${HostConfig.CapDrop} dropped, ${HostConfig.CapAdd ?? 'none'} added, ${HostConfig.SecurityOpt}`,
    published: Object.entries(HostConfig.PortBindings ?? {}).map(
      ([port, [{ HostPort }]]) => `${HostPort}:${port}`,
    ),
  }));
}

const notHealthy = ({ name, status, health, exitCode }) =>
  name.includes('provision')
    ? status !== 'exited' || exitCode !== 0
    : status !== 'running' || (health ?? 'healthy') !== 'healthy';

function newman() {
  const { run: runCollection } = require('newman');
  const envVar = [
    { key: 'HOST', value: 'http://127.0.0.1' },
    ...Object.entries(ports).map(([name, port]) => ({ key: `${name}_PORT`, value: String(BASE + port) })),
    ...Object.entries(relays).map(([name, port]) => ({
      key: `${name}_CDC_PORT`,
      value: String(BASE + port),
    })),
  ];
  const collection = JSON.parse(
    readFileSync(new URL('../FTGOGO.postman_collection.json', import.meta.url), 'utf8'),
  );
  return new Promise((resolve, reject) => {
    runCollection({ collection, envVar, reporters: [] }, (error, summary) =>
      error ? reject(error) : resolve(summary),
    );
  });
}

const engine = run(['docker', 'version'], { quiet: true });
if (engine.status === NO_ENGINE) {
  console.log('compose: no Docker engine could be started here; the compose file was not run');
  process.exit(0);
}

// A run that was broken off leaves data behind, whose passwords were others.
compose('down', '-v', '--remove-orphans');
try {
  await check('builds and starts', () => {
    const { status, stdout } = compose('up', '-d', '--build');
    if (status !== 0) throw new Error(`docker-compose up ended with ${status}: ${stdout.slice(-2000)}`);
  });
  await check('every container is healthy', () =>
    eventually(() => {
      const waiting = containers().filter(notHealthy);
      if (waiting.length > 0) throw new Error(`not healthy: ${JSON.stringify(waiting)}`);
    }, 300),
  );
  await check('nothing had to be restarted', () => {
    const restarted = containers().filter(({ restarts }) => restarts > 0);
    if (restarted.length > 0) throw new Error(JSON.stringify(restarted));
  });
  await check('nobody is root, and nobody may write or gain anything', () => {
    const privileges = 'ALL dropped, none added, no-new-privileges:true';
    const loose = containers().filter(
      (one) => /^(root|0)?(:|$)/.test(one.user) || !one.readOnly || one.privileges !== privileges,
    );
    if (loose.length > 0) throw new Error(JSON.stringify(loose));
  });
  await check('only the ports of the processes and of Prometheus are published', () => {
    const expected = [
      ...[...Object.values(ports), ...Object.values(relays)].map((port) => `${BASE + port}:80/tcp`),
      `${PROMETHEUS}:9090/tcp`,
    ];
    const published = containers().flatMap((one) => one.published);
    if (String(published.sort()) !== String(expected.sort())) throw new Error(String(published));
  });
  await check('the Postman collection is green', async () => {
    const { run: result } = await newman();
    const { assertions } = result.stats;
    if (assertions.total === 0) throw new Error('it asserts nothing');
    console.log(`    ${assertions.total} assertions`);
    if (result.failures.length > 0) {
      // The first ones say what is wrong: the later requests need what these should have made.
      const first = result.failures.slice(0, 10);
      const reasons = first.map(({ source, error }) => `${source?.name}: ${error.message}`);
      throw new Error(`${result.failures.length} of them fail: ${reasons.join('; ')}`);
    }
  });
  await check('Prometheus sees twelve targets up', () =>
    eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${PROMETHEUS}/api/v1/targets?state=active`);
      const { data } = await answer.json();
      const up = data.activeTargets.filter(({ health }) => health === 'up');
      if (up.length !== 12) throw new Error(`${up.length} of ${data.activeTargets.length} targets are up`);
    }, 120),
  );
  await check("the operator's commands work as README gives them", () => {
    const asOperator = `NATS_URL=nats://operator:${env['OPERATOR_NATS_PASSWORD']}@nats:4222`;
    const commands = [
      [
        ['-e', asOperator, 'order-service', 'node', 'scripts/dist/dead-letters.js', 'list'],
        /^There are no dead letters/,
      ],
      [['order-cdc', 'node', 'order/dist/cmd/cdc/main.js', 'parked'], /^$/],
      [
        ['order-cdc', 'node', 'order/dist/cmd/cdc/main.js', 'replay', '--from', new Date().toISOString()],
        /^0 messages published again/,
      ],
    ];
    for (const [args, expected] of commands) {
      const { status, stdout } = compose('exec', '-T', ...args);
      if (status !== 0 || !expected.test(stdout.trim())) throw new Error(`${args}: ${status}: ${stdout}`);
    }
  });
  await check('no password is in a log', () => {
    const logs = compose('logs', '--no-color').stdout;
    if (!logs.includes('order-service')) throw new Error('there are no logs');
    const shown = secrets.filter((name) => logs.includes(env[name]));
    if (shown.length > 0) throw new Error(`${shown.join(', ')} can be read in the logs`);
  });
  if (failed > 0) process.stdout.write(compose('logs', '--tail', '40').stdout);
} finally {
  await check('goes down', () => {
    if (compose('down', '-v', '--remove-orphans').status !== 0) throw new Error('docker-compose down failed');
  });
}
const closing = `compose: ${passed} passed, ${failed} failed`;
console.log(closing);
appendFileSync(log, `${closing}\n`);
process.exitCode = failed === 0 ? 0 : 1;
