import { newId } from '../../src/ids';
import { at, HOUR, jamServices, JarBought, last, Orchestrator } from './jam';

const jam = jamServices();

/** Another process of the same service. */
async function withReplica(work: (replica: Orchestrator) => Promise<void>): Promise<void> {
  const replica = new Orchestrator(jam.kitchen.database);
  await replica.messages.start();
  try {
    await work(replica);
  } finally {
    await replica.messages.stop();
  }
}

it('a saga that another replica has turned round meanwhile is not taken forward by what this one remembers of it', async () => {
  const id = await jam.kitchen.start();
  const [command] = await jam.kitchen.commands();
  if (command === undefined) throw new Error('no command went out');
  await jam.pantry.arrives(command);
  await withReplica(async (replica) => {
    expect(await replica.sweep(at(25 * HOUR))).toBe(1);
  });
  const [late] = await jam.pantry.rows();
  if (late === undefined) throw new Error('no reply was sent');
  expect(await jam.kitchen.arrives(late)).toBe('acknowledged');
  expect(await jam.kitchen.saga(id)).toMatchObject({ state: 'COMPENSATING', inDoubt: command.id });
  expect(await jam.kitchen.commands()).toHaveLength(2);
});

it('replicas take a saga on by turns', async () => {
  await withReplica(async (replica) => {
    const id = await jam.kitchen.start();
    for (const orchestrator of [replica, jam.kitchen]) {
      await jam.pantry.arrives(last(await jam.kitchen.commands()));
      expect(await orchestrator.arrives(last(await jam.pantry.rows()))).toBe('acknowledged');
    }
    expect(await jam.kitchen.saga(id)).toMatchObject({ state: 'COMPLETED', version: 3 });
    expect(await jam.kitchen.commands()).toHaveLength(2);
  });
});

it('a saga whose start comes by two events is started once, in one batch or by two replicas', async () => {
  const [inOneBatch, byTwo] = [newId(), newId()];
  const arriving = (sagaId: string, at = jam.kitchen) =>
    at.messages.event(JarBought, { id: newId(), version: 1 }, { sagaId });
  await Promise.all([arriving(inOneBatch), arriving(inOneBatch)]);
  expect(await jam.kitchen.commands()).toHaveLength(1);
  await withReplica(async (replica) => {
    await arriving(byTwo);
    expect(await arriving(byTwo, replica)).toBe('acknowledged');
  });
  expect(await jam.kitchen.commands()).toHaveLength(2);
  expect(await jam.kitchen.saga(byTwo)).toMatchObject({ state: 'RUNNING', version: 1 });
});
