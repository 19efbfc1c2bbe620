/** All tests of the repository: real PostgreSQL and NATS, started once by the global set-up. */
module.exports = {
  rootDir: '..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/*/test/**/*.spec.ts', '<rootDir>/tests/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  transform: {
    '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tests/tsconfig.json' }],
  },
  moduleNameMapper: {
    '^@ftgo/serviceapis$': '<rootDir>/serviceapis/src/index.ts',
    '^@ftgo/shared-ts$': '<rootDir>/shared-ts/src/index.ts',
    '^@ftgo/shared-ts/(.*)$': '<rootDir>/shared-ts/src/$1/index.ts',
  },
  globalSetup: '<rootDir>/tests/global-setup.ts',
  globalTeardown: '<rootDir>/tests/global-teardown.ts',
  reporters: ['default', '<rootDir>/tests/closing-line-reporter.cjs'],
  // A ceiling against tests that hang, not a measure of speed.
  testTimeout: 120_000,
  maxWorkers: 2,
};
