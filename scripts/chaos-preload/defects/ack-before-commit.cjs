// Messages are acknowledged as soon as they are taken.
'use strict';
const { replaceMethod, shared } = require('../patch.cjs');

const { NatsBroker } = shared('messaging/nats-broker.js');
replaceMethod(
  NatsBroker,
  'subscribe',
  (subscribe) =>
    function (options) {
      const onDelivery = (delivery) => {
        // Not by its own `ack`, which waits for others.
        delivery.message.ack();
        delivery.ack = delivery.nak = () => undefined;
        options.onDelivery(delivery);
      };
      return subscribe.call(this, { ...options, onDelivery });
    },
);
