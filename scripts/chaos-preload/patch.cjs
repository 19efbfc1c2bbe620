'use strict';
const { join } = require('node:path');

/** A compiled module of shared-ts, the same instance that the process will use. */
exports.shared = (file) => require(join(module.path, '..', '..', 'shared-ts', 'dist', file));

/** Replaces a method: `make` gets the original and gives the new one. */
exports.replaceMethod = (type, name, make) => {
  const original = type.prototype[name];
  if (typeof original !== 'function') throw new Error(`${type.name} has no method ${name} to be replaced`);
  type.prototype[name] = make(original);
};
