/** The rules of the architecture. tests/architecture proves that each catches a violation. */
const SERVICES = 'accounting|consumer|delivery|kitchen|order|order-history|restaurant';
const service = (path) => `^(${SERVICES})/src/${path}`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A circle of modules has no inside and no outside.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'services-are-strangers',
      comment: 'Services share the published language and shared-ts, never code of each other.',
      severity: 'error',
      from: { path: `^(${SERVICES})/` },
      to: { path: `^(${SERVICES})/`, pathNot: '^$1/' },
    },
    {
      name: 'domain-is-innermost',
      comment:
        'The domain imports its own files, the pure helpers of shared-ts/domain and types of messages.',
      severity: 'error',
      from: { path: service('domain/') },
      to: { pathNot: ['^$1/src/domain/', '^shared-ts/src/domain/', '^serviceapis/'] },
    },
    {
      name: 'domain-takes-only-types-of-messages',
      comment: 'Schemas are for the edges.',
      severity: 'error',
      from: { path: service('domain/') },
      to: { path: '^serviceapis/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'application-knows-no-adapter',
      comment:
        'Use cases know the domain, the sagas and their ports; what implements or drives them is outside.',
      severity: 'error',
      from: { path: service('(application|sagas)/') },
      to: {
        path: [
          '^[^/]+/src/(adapters|handlers|cmd)/',
          '^shared-ts/src/(postgres|in-memory|web|cdc|service|config|process)/',
        ],
      },
    },
    {
      name: 'handlers-know-no-adapter',
      comment: 'What drives the application must not know what it is kept in.',
      severity: 'error',
      from: { path: service('handlers/') },
      to: { path: ['^[^/]+/src/(adapters|cmd)/', '^shared-ts/src/(postgres|in-memory|cdc|config|process)/'] },
    },
    {
      name: 'adapters-know-no-handler',
      comment: 'What implements a port must not know who uses it.',
      severity: 'error',
      from: { path: service('adapters/') },
      to: { path: '^[^/]+/src/(handlers|cmd)/' },
    },
    {
      name: 'nothing-imports-an-entry-point',
      severity: 'error',
      from: {},
      to: { path: '/src/cmd/' },
    },
    {
      name: 'the-language-has-no-logic',
      comment: 'serviceapis is schemas: it needs zod and nothing else.',
      severity: 'error',
      from: { path: '^serviceapis/src/' },
      to: { pathNot: ['^serviceapis/src/', 'node_modules/zod/'] },
    },
    {
      name: 'shared-ts-knows-no-service',
      severity: 'error',
      from: { path: '^shared-ts/src/' },
      to: { path: `^(${SERVICES}|serviceapis|scripts)/` },
    },
    {
      name: 'shared-domain-is-pure',
      severity: 'error',
      from: { path: '^shared-ts/src/domain/' },
      to: { pathNot: '^shared-ts/src/domain/' },
    },
    {
      name: 'one-file-knows-the-broker-client',
      comment: 'So that its successor is a change of one file.',
      severity: 'error',
      from: {
        path: '^(shared-ts|' + SERVICES + ')/src/',
        pathNot: '^shared-ts/src/messaging/nats-[^/]+.ts$',
      },
      to: { path: 'node_modules/nats/' },
    },
    {
      name: 'test-kit-stays-in-tests',
      severity: 'error',
      from: { path: '/src/', pathNot: '^shared-ts/src/testing/' },
      to: { path: '^shared-ts/src/testing/' },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { path: '/src/', pathNot: '^shared-ts/src/testing/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'resolvable-only', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: '.dependency-cruiser.tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
