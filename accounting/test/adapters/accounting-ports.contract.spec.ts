import { join } from 'node:path';
import { ConcurrencyConflict, EVENTS_PER_SNAPSHOT, newId } from '@ftgo/shared-ts';
import { eachStore, testContext } from '@ftgo/shared-ts/testing';
import { inMemoryPorts, postgresPorts } from '../../src/adapters/ports';
import { authorize } from '../../src/domain/authorization-decisions';
import { disable, enable, open, takeName } from '../../src/domain/account-decisions';

const adapters = {
  serviceId: 'accounting-service',
  schema: {
    shared: ['event-store', 'outbox', 'inbox'] as const,
    folder: join(__dirname, '../../migrations'),
  },
  inMemory: inMemoryPorts,
  postgres: postgresPorts,
};

describe('The accounting service’s ports', () => {
  eachStore(adapters, (transactor) => {
    it('know nothing under an id that was never used', async () => {
      const [account, authorization] = await transactor().execute(testContext(), async (ports) => [
        await ports.accounts.load(newId()),
        await ports.authorizations.load(newId()),
      ]);
      expect(account).toMatchObject({ version: 0, state: { status: 'Unknown' } });
      expect(authorization).toMatchObject({ version: 0, state: { status: 'None' } });
    });

    it('keep accounts and authorizations apart, even under one id', async () => {
      const id = newId();
      await transactor().execute(testContext(), async (ports) => {
        const { state: account } = await ports.accounts.update(id, (state) =>
          open(state, { name: 'Ann', consumerVersion: 1 }),
        );
        if (account.status !== 'Enabled') throw new Error(`the account is ${account.status}`);
        await ports.authorizations.update(id, (state) =>
          authorize(state, account, { consumerId: id, orderId: id, orderTotal: 1200 }),
        );
      });
      const [account, authorization] = await transactor().execute(testContext(), async (ports) => [
        await ports.accounts.load(id),
        await ports.authorizations.load(id),
      ]);
      expect(account.state).toEqual({ status: 'Enabled', name: 'Ann', consumerVersion: 1 });
      expect(authorization.state).toEqual({
        status: 'Authorized',
        consumerId: id,
        firstTotal: 1200,
        total: 1200,
      });
    });

    it('give back an account that has come a long way', async () => {
      const id = newId();
      await transactor().execute(testContext(), (ports) =>
        ports.accounts.update(id, (state) => open(state, { name: 'Ann', consumerVersion: 1 })),
      );
      for (let round = 0; round < EVENTS_PER_SNAPSHOT; round++) {
        await transactor().execute(testContext(), (ports) =>
          ports.accounts.update(id, (state) => (round % 2 === 0 ? disable(state, id) : enable(state, id))),
        );
      }
      const account = await transactor().execute(testContext(), (ports) => ports.accounts.load(id));
      expect(account).toEqual({
        id,
        version: EVENTS_PER_SNAPSHOT + 2,
        state: { status: 'Enabled', name: 'Ann', consumerVersion: 1 },
      });
    });

    it('lose none of many names that arrive at once', async () => {
      const id = newId();
      await Promise.all(
        [1, 2, 3, 4, 5].map((consumerVersion) =>
          transactor().execute(testContext(), (ports) =>
            ports.accounts.update(id, (state) =>
              takeName(state, { name: `Ann ${consumerVersion}`, consumerVersion }),
            ),
          ),
        ),
      );
      const { state } = await transactor().execute(testContext(), (ports) => ports.accounts.load(id));
      expect(state).toEqual({ status: 'Named', name: 'Ann 5', consumerVersion: 5 });
    });

    it('keep nothing of what was decided before a failure', async () => {
      const id = newId();
      const failing = transactor().transaction(async ({ work, ports }) => {
        await ports(work.scope(testContext())).accounts.update(id, (state) =>
          open(state, { name: 'Ann', consumerVersion: 1 }),
        );
        throw new ConcurrencyConflict('somebody was faster');
      });
      await expect(failing).rejects.toThrow('somebody was faster');
      const account = await transactor().execute(testContext(), (ports) => ports.accounts.load(id));
      expect(account.version).toBe(0);
    });
  });
});
