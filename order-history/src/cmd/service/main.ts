import { join } from 'node:path';
import { channels } from '@ftgo/serviceapis';
import { runService } from '@ftgo/shared-ts';
import { postgresPorts } from '../../adapters/ports';
import { eventHandlers } from '../../handlers/events';
import { routes } from '../../handlers/http';

runService({
  id: 'order-history-service',
  api: { title: 'Order history', version: '1.0.0', description: 'Search the orders that were placed.' },
  migrations: { shared: ['inbox'], folder: join(__dirname, '../../../migrations') },
  channels: [channels.events.order],
  compose: () => ({ ports: postgresPorts, handlers: eventHandlers, routes }),
});
