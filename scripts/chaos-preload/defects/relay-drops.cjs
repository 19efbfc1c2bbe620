// One message in forty is taken for published, though it was never sent.
'use strict';
const { replaceMethod, shared } = require('../patch.cjs');

const { NatsBroker } = shared('messaging/nats-broker.js');
let count = 0;
replaceMethod(
  NatsBroker,
  'publish',
  (publish) =>
    async function (message) {
      count += 1;
      if (count % 40 !== 0) await publish.call(this, message);
    },
);
