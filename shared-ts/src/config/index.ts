export { configOrExit, helpText } from './config-or-exit';
export { duration, parseDuration } from './duration';
export { parseConfig, type ConfigProblem, type Environ, type ParsedConfig } from './parse-config';
export {
  environments,
  logLevels,
  orchestratorVariables,
  relayVariables,
  serviceVariables,
  type Environment,
  type LogLevel,
  type OrchestratorConfig,
  type RelayConfig,
  type ServiceConfig,
} from './process-variables';
export {
  integer,
  natsUrls,
  oneOf,
  postgresUrl,
  text,
  type ConfigOf,
  type Variable,
  type Variables,
} from './variable';
