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
        delivery.ack();
        delivery.ack = delivery.nak = () => undefined;
        options.onDelivery(delivery);
      };
      return subscribe.call(this, { ...options, onDelivery });
    },
);
