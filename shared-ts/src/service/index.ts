export { runService, type Infrastructure, type ServiceDefinition } from './run-service';
