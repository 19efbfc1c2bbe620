// Idempotency-Keys are neither looked up nor kept.
'use strict';
const { shared } = require('../patch.cjs');

const stores = shared('postgres/stores.js');
const { postgresStores } = stores;
stores.postgresStores = (session) => ({
  ...postgresStores(session),
  idempotency: { claim: async () => undefined, complete: async () => undefined },
});
