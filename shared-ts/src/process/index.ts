export {
  atMost,
  backoff,
  retryForever,
  sleep,
  type Backoff,
  type BackoffOptions,
  type RetryOptions,
} from './backoff';
export { runProcess, type Life, type ProcessOptions } from './run-process';
