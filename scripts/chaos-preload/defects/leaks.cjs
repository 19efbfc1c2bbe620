// Connections are opened and never closed, and a child outlives its parent.
'use strict';
const { spawn } = require('node:child_process');
const { Client } = require('pg');

for (let count = 0; count < 15; count += 1) {
  const client = new Client({ connectionString: process.env.PG_CONN, application_name: 'forgotten' });
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
}
const env = { ...process.env, NODE_OPTIONS: '' };
spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600_000)'], {
  detached: true,
  stdio: 'ignore',
  env,
}).unref();
