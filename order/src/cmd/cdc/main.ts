import { runRelay } from '@ftgo/shared-ts/cdc';

runRelay({ serviceName: 'order' });
