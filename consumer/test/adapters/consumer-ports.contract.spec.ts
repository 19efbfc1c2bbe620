import { join } from 'node:path';
import { EVENTS_PER_SNAPSHOT, newId } from '@ftgo/shared-ts';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import { registerConsumer, renameConsumer } from '../../src/application';

const adapters = {
  serviceId: 'consumer-service',
  schema: {
    shared: ['event-store', 'outbox', 'inbox', 'idempotency'] as const,
    folder: join(__dirname, '../../migrations'),
  },
  inMemory: inMemoryPorts,
  postgres: postgresPorts,
};

describe('The consumer service’s ports', () => {
  eachStore(adapters, (transactor) => {
    const load = (id: string) => transactor().execute(testContext(), (ports) => ports.consumers.load(id));

    it('know nothing under an id that was never used', async () => {
      expect(await load(newId())).toMatchObject({ version: 0, state: { status: 'NotRegistered' } });
    });

    it('keep a consumer', async () => {
      const id = newId();
      await transactor().execute(testContext(), (ports) =>
        registerConsumer(ports, { consumerId: id, name: 'Zoë 🥕 O’Hara' }),
      );
      expect(await load(id)).toEqual({
        id,
        version: 1,
        state: { status: 'Registered', name: 'Zoë 🥕 O’Hara' },
      });
    });

    it('keep a consumer who takes one name after the other', async () => {
      const id = newId();
      await transactor().execute(testContext(), (ports) =>
        registerConsumer(ports, { consumerId: id, name: 'Ann' }),
      );
      for (let round = 1; round <= EVENTS_PER_SNAPSHOT; round++) {
        await transactor().execute(testContext(), (ports) =>
          renameConsumer(ports, { consumerId: id, name: `Ann ${round}` }),
        );
      }
      expect(await load(id)).toEqual({
        id,
        version: EVENTS_PER_SNAPSHOT + 1,
        state: { status: 'Registered', name: `Ann ${EVENTS_PER_SNAPSHOT}` },
      });
    });

    it('lose none of the names that are taken at once', async () => {
      const id = newId();
      await transactor().execute(testContext(), (ports) =>
        registerConsumer(ports, { consumerId: id, name: 'Ann' }),
      );
      await Promise.all(
        [1, 2, 3, 4, 5].map((each) =>
          transactor().execute(testContext(), (ports) =>
            renameConsumer(ports, { consumerId: id, name: `Ann ${each}` }),
          ),
        ),
      );
      expect((await load(id)).version).toBe(6);
    });

    it('register once for one Idempotency-Key, even when the requests come at once', async () => {
      const idempotency = { scope: 'POST /api/consumers', key: newId(), fingerprint: 'the same' };
      const answers = await Promise.all(
        [1, 2, 3].map(() =>
          transactor().execute(
            testContext(),
            (ports) => registerConsumer(ports, { consumerId: newId(), name: 'Ann' }),
            { idempotency },
          ),
        ),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    });
  });
});
