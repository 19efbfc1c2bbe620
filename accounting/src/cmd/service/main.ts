import { join } from 'node:path';
import { channels } from '@ftgo/serviceapis';
import { runService } from '@ftgo/shared-ts';
import { postgresPorts } from '../../adapters/ports';
import { commandHandlers } from '../../handlers/commands';
import { eventHandlers } from '../../handlers/events';
import { routes } from '../../handlers/http';

runService({
  id: 'accounting-service',
  api: { title: 'Accounting', version: '1.0.0', description: 'Look at, disable and enable accounts.' },
  migrations: {
    shared: ['event-store', 'outbox', 'inbox'],
    folder: join(__dirname, '../../../migrations'),
  },
  channels: [channels.commands.accounting, channels.events.consumer],
  compose: () => ({
    ports: postgresPorts,
    handlers: [...commandHandlers, ...eventHandlers],
    routes,
  }),
});
