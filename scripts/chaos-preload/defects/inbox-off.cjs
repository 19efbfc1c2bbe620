// The inbox keeps what was handled, but takes every delivery for the first.
'use strict';
const { shared } = require('../patch.cjs');

const stores = shared('postgres/stores.js');
const { postgresStores } = stores;
stores.postgresStores = (session) => {
  const all = postgresStores(session);
  const enter = async (consumer, ids) => {
    await all.inbox.enter(consumer, ids);
    return new Set(ids);
  };
  const enterNew = (consumer, ids) => enter(consumer, ids).then(() => undefined);
  return { ...all, inbox: { ...all.inbox, enter, enterNew } };
};
