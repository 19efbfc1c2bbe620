// Outgoing messages are written by a transaction of their own, after the one that causes them.
'use strict';
const { replaceMethod, shared } = require('../patch.cjs');
const { Pool } = require('pg');

const { UnitOfWork } = shared('unit-of-work/unit-of-work.js');
const { postgresStores } = shared('postgres/stores.js');
const { PostgresSession } = shared('postgres/session.js');

const pool = new Pool({ connectionString: process.env.PG_CONN, max: 1, application_name: 'late outbox' });
pool.on('error', () => undefined);

replaceMethod(
  UnitOfWork,
  'flush',
  (flush) =>
    async function (commit) {
      this.late = this.outboxRows.splice(0);
      await flush.call(this, commit);
    },
);
replaceMethod(
  UnitOfWork,
  'committed',
  (committed) =>
    function () {
      committed.call(this);
      if (this.late.length > 0) void writeLate(this.late).catch(() => undefined);
    },
);

async function writeLate(rows) {
  const client = await pool.connect();
  try {
    await postgresStores(new PostgresSession(client)).outbox.add(rows);
  } finally {
    client.release();
  }
}
