export { runRelay, type RelayProcessOptions } from './cdc-process';
export { createRelayMetrics, type RelayMetrics } from './metrics';
export { createPollingRelay, type PollingRelayOptions } from './polling-relay';
export { DEFAULT_LIMITS, type PipelineLimits } from './publishing';
export {
  isActive,
  type Relay,
  type RelayLog,
  type RelayOptions,
  type RelayState,
  type RelayStatus,
} from './relay';
export { publishParked, replayOutbox, type ReplayOptions } from './replay';
export { createWalRelay, type WalRelayOptions } from './wal-relay';
