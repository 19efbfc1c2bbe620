// Loaded into every process of a chaos run before its own code (node --require). A random kill -9 hardly ever hits the
// moments that matter most, so the processes are told by a signal to die there themselves; the same signal again takes
// it back:
//
//   SIGUSR2   right after the next COMMIT, before the message is acknowledged or the request answered; a relay,
//             right after the broker has stored a message, before that is confirmed to PostgreSQL
//   SIGWINCH  right before the next COMMIT, when everything is decided and goes out with it
'use strict';
const { replaceMethod, shared } = require('./patch.cjs');

let point;
const toggle = (asked) => (point = point === asked ? undefined : asked);
process.on('SIGUSR2', () => toggle('after'));
process.on('SIGWINCH', () => toggle('before'));

const dieAt = (here) => {
  if (point === here) process.kill(process.pid, 'SIGKILL');
};

const { PostgresSession } = shared('postgres/session.js');
const writing = /\b(INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b/;
/** Sessions, one a transaction, that have something to lose. */
const writers = new WeakSet();
replaceMethod(
  PostgresSession,
  'query',
  (query) =>
    function (statement, ...rest) {
      if (writing.test(statement.text)) writers.add(this);
      return query.call(this, statement, ...rest);
    },
);
replaceMethod(
  PostgresSession,
  'commit',
  (commit) =>
    async function () {
      if (writers.has(this)) dieAt('before');
      await commit.call(this);
      if (writers.has(this)) dieAt('after');
    },
);

const { PublishingPipeline } = shared('cdc/publishing.js');
replaceMethod(
  PublishingPipeline,
  'onPublished',
  (onPublished) =>
    function (...published) {
      dieAt('after');
      return onPublished.apply(this, published);
    },
);
