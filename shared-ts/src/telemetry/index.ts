export { createLogger, type Logger, type LoggerOptions } from './logger';
export { createMetrics, durationBuckets, type Metrics } from './metrics';
export { childTraceparent, parseTraceparent } from './trace-context';
export { withoutPasswords } from './without-passwords';
