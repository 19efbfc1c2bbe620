// The relay confirms each transaction when it has come in, whether or not its messages are published.
'use strict';
const { replaceMethod, shared } = require('../patch.cjs');

const { ConfirmationLedger } = shared('cdc/confirmation.js');
replaceMethod(
  ConfirmationLedger,
  'close',
  (close) =>
    function (entry, position) {
      this.onConfirmed(position);
      close.call(this, entry, position);
    },
);
