import { join } from 'node:path';
import { channels } from '@ftgo/serviceapis';
import { runService } from '@ftgo/shared-ts';
import { postgresPorts } from '../../adapters/ports';
import { commandHandlers } from '../../handlers/commands';
import { routes } from '../../handlers/http';

runService({
  id: 'consumer-service',
  api: { title: 'Consumers', version: '1.0.0', description: 'Register, look at and rename consumers.' },
  migrations: {
    shared: ['event-store', 'outbox', 'inbox', 'idempotency'],
    folder: join(__dirname, '../../../migrations'),
  },
  channels: [channels.commands.consumer],
  compose: () => ({ ports: postgresPorts, handlers: commandHandlers, routes }),
});
