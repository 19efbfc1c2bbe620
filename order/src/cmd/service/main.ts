import { join } from 'node:path';
import { channels, orderSagaReplies } from '@ftgo/serviceapis';
import { runService } from '@ftgo/shared-ts';
import { orderCounters } from '../../adapters/order-metrics';
import { postgresPorts } from '../../adapters/ports';
import { countSagasUnderWay } from '../../application';
import { commandHandlers } from '../../handlers/commands';
import { eventHandlers } from '../../handlers/events';
import { routes } from '../../handlers/http';
import { cancelOrderSaga } from '../../sagas/cancel-order-saga';
import { createOrderSaga } from '../../sagas/create-order-saga';
import { reviseOrderSaga } from '../../sagas/revise-order-saga';

runService({
  id: 'order-service',
  api: { title: 'Orders', version: '1.0.0', description: 'Place, look at, cancel and revise orders.' },
  migrations: {
    shared: ['event-store', 'outbox', 'inbox', 'idempotency', 'sagas'],
    folder: join(__dirname, '../../../migrations'),
  },
  channels: [channels.commands.order, orderSagaReplies, channels.events.order, channels.events.restaurant],
  sagas: [createOrderSaga, cancelOrderSaga, reviseOrderSaga],
  compose: ({ metrics, sagaMetrics }) => ({
    ports: postgresPorts({ counters: orderCounters(metrics), sagas: sagaMetrics }),
    handlers: [...commandHandlers, ...eventHandlers],
    routes,
    sagasUnderWay: countSagasUnderWay,
  }),
});
