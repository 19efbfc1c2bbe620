import { join } from 'node:path';
import { channels } from '@ftgo/serviceapis';
import { runService } from '@ftgo/shared-ts';
import { postgresPorts } from '../../adapters/ports';
import { eventHandlers } from '../../handlers/events';
import { routes } from '../../handlers/http';

runService({
  id: 'delivery-service',
  api: { title: 'Deliveries', version: '1.0.0', description: 'Couriers, and the deliveries they make.' },
  migrations: { shared: ['inbox'], folder: join(__dirname, '../../../migrations') },
  channels: [channels.events.restaurant, channels.events.order, channels.events.ticket],
  compose: () => ({ ports: postgresPorts, handlers: eventHandlers, routes }),
});
