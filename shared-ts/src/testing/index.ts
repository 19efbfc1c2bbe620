export { eachStore, testContext, type BothAdapters } from './each-store';
export { eventually } from './eventually';
export { freshDatabase, testServerUrl, type TestDatabase, type TestSchema } from './fresh-database';
export {
  commandsIn,
  eventsIn,
  MessageDriver,
  repliesIn,
  type Arrival,
  type SentReply,
  type Settlement,
} from './message-driver';
export { SagaDriver } from './saga-driver';
export { testApp } from './web';
