import { authorization, passwordVariable } from './infrastructure/broker-users';

// Prints what docker/nats/users.conf holds.
process.stdout.write(
  [
    '# Made by: node scripts/dist/broker-users.js > docker/nats/users.conf',
    authorization((name) => `$${passwordVariable(name)}`),
  ].join('\n'),
);
