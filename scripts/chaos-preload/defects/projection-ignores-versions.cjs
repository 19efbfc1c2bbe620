// The order history overwrites whatever it has, however old the event is.
'use strict';
const { replaceMethod, shared } = require('../patch.cjs');

const { PostgresSession } = shared('postgres/session.js');
replaceMethod(
  PostgresSession,
  'query',
  (query) =>
    function (statement, values) {
      const text = statement.text.replaceAll(
        /known\.(status|total|quantity)_version < excluded\.\1_version/g,
        'true',
      );
      return query.call(this, { ...statement, text }, values);
    },
);
