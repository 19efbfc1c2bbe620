import { join } from 'node:path';
import { channels } from '@ftgo/serviceapis';
import { runService } from '@ftgo/shared-ts';
import { postgresPorts } from '../../adapters/ports';
import { commandHandlers } from '../../handlers/commands';
import { routes } from '../../handlers/http';

runService({
  id: 'restaurant-service',
  api: { title: 'Restaurants', version: '1.0.0', description: 'Add restaurants and revise their menus.' },
  migrations: {
    shared: ['outbox', 'inbox', 'idempotency'],
    folder: join(__dirname, '../../../migrations'),
  },
  channels: [channels.commands.restaurant],
  compose: () => ({ ports: postgresPorts, handlers: commandHandlers, routes }),
});
