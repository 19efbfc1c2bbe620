import { join } from 'node:path';
import { channels } from '@ftgo/serviceapis';
import { runService } from '@ftgo/shared-ts';
import { postgresPorts } from '../../adapters/ports';
import { commandHandlers } from '../../handlers/commands';
import { eventHandlers } from '../../handlers/events';
import { routes } from '../../handlers/http';

runService({
  id: 'kitchen-service',
  api: { title: 'Kitchen', version: '1.0.0', description: 'Look at tickets and accept them.' },
  migrations: {
    shared: ['event-store', 'outbox', 'inbox', 'idempotency'],
    folder: join(__dirname, '../../../migrations'),
  },
  channels: [channels.commands.kitchen, channels.events.restaurant],
  compose: () => ({
    ports: postgresPorts,
    handlers: [...commandHandlers, ...eventHandlers],
    routes,
  }),
});
