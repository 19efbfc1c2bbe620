// Loaded into every process of a chaos run before its own code (node --require). A random kill -9 hardly ever hits the
// moments that matter most, so the processes are told by a signal to die there themselves; the same signal again takes
// it back:
//
//   SIGUSR2   right after the next COMMIT, before the message is acknowledged or the request answered; a relay,
//             right after the broker has stored a message, before that is confirmed to PostgreSQL
//   SIGWINCH  right before the next COMMIT, when everything is written
'use strict';
const { Client } = require('pg');
const { replaceMethod, shared } = require('./patch.cjs');

let point;
const toggle = (asked) => (point = point === asked ? undefined : asked);
process.on('SIGUSR2', () => toggle('after'));
process.on('SIGWINCH', () => toggle('before'));

const dieAt = (here) => {
  if (point === here) process.kill(process.pid, 'SIGKILL');
};

const writing = /\b(INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b/;
const wrote = new WeakSet();
replaceMethod(
  Client,
  'query',
  (query) =>
    function (statement, ...rest) {
      const text = typeof statement === 'string' ? statement : statement?.text;
      if (text === 'BEGIN') wrote.delete(this);
      if (typeof text === 'string' && writing.test(text)) wrote.add(this);
      if (text !== 'COMMIT' || !wrote.has(this)) return query.call(this, statement, ...rest);
      dieAt('before');
      const done = query.call(this, statement, ...rest);
      return done.then((result) => {
        dieAt('after');
        return result;
      });
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
