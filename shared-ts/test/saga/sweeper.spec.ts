import { pino } from 'pino';
import { z } from 'zod';
import { newId } from '../../src/ids';
import { InMemoryDatabase, inMemoryTransactor, tables } from '../../src/in-memory';
import type { OutboxRow } from '../../src/messaging';
import {
  sagaMetrics,
  sagasOf,
  SagaSweeper,
  send,
  type SagaDefinition,
  type SagaInstance,
} from '../../src/saga';
import { FIRST_PAUSE } from '../../src/saga/advance';
import { createMetrics } from '../../src/telemetry';
import { testContext } from '../../src/testing';

const Fill = {
  name: 'pantry.Fill',
  kind: 'command',
  channel: 'pantry',
  payload: z.object({ jar: z.string() }),
} as const;

const jarSaga: SagaDefinition<{ jar: string }> = {
  name: 'pantry.JarSaga',
  steps: [{ name: 'fill', action: (data) => send(Fill, data) }],
};

const Empty = { ...Fill, name: 'pantry.Empty' } as const;

const emptyingSaga: SagaDefinition<{ jar: string }> = {
  name: 'pantry.EmptyingSaga',
  steps: [{ name: 'fill', action: (data) => send(Fill, data), undoInDoubt: (data) => send(Empty, data) }],
};
const patientSaga: SagaDefinition<{ jar: string }> = {
  name: 'pantry.PatientSaga',
  steps: [{ name: 'fill', action: (data) => send(Fill, data), timeout: 3_600_000 }],
};

/** The first pause with all of its jitter, in milliseconds. */
const LONGEST_PAUSE = 1.25 * FIRST_PAUSE;
const now = new Date('2030-01-01T12:00:00.000Z');
const after = (milliseconds: number): Date => new Date(now.getTime() + milliseconds);

function pantry({ stepTimeout }: { stepTimeout?: number } = {}) {
  const { registry } = createMetrics('pantry-service');
  const metrics = sagaMetrics({ registry });
  const database = new InMemoryDatabase();
  const transactor = inMemoryTransactor(database, 'pantry-service', (scope) =>
    sagasOf(scope, metrics, () => now),
  );
  const logged: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line) => void logged.push(line) });
  return {
    sweeper: new SagaSweeper([jarSaga, emptyingSaga, patientSaga], transactor, metrics, logger, stepTimeout),
    start: (definition: SagaDefinition<{ jar: string }>, id: string) =>
      transactor.execute(testContext(), (sagas) => sagas.start(definition, id, { jar: 'plums' })),
    saga: (id: string) => database.rows<SagaInstance>(tables.sagas).find(({ sagaId }) => sagaId === id),
    commandsOf: (id: string) =>
      database.rows<OutboxRow>(tables.outbox).filter(({ headers }) => headers['ce-sagaid'] === id),
    counted: async (name: string, labels: Readonly<Record<string, string>>) => {
      const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
      return values.find((value) => value.labels['saga'] === labels['saga'])?.value;
    },
    logged,
  };
}

describe('the sweeper', () => {
  it('leaves a saga alone whose reply may still come', async () => {
    const { sweeper, start, commandsOf } = pantry();
    const id = newId();
    await start(jarSaga, id);
    expect(await sweeper.sweep(after(FIRST_PAUSE))).toBe(0);
    expect(commandsOf(id)).toHaveLength(1);
  });

  it('sends the command of an overdue saga again, with its correlation, and gives it another deadline', async () => {
    const { sweeper, start, commandsOf, saga } = pantry();
    const id = newId();
    await start(jarSaga, id);
    expect(await sweeper.sweep(after(LONGEST_PAUSE))).toBe(1);
    const [first, second] = commandsOf(id);
    expect(second?.id).toBe(first?.id);
    expect(second?.headers['ce-correlationid']).toBe(first?.headers['ce-correlationid']);
    expect(second?.headers['traceparent']).toMatch(/^00-/);
    expect(saga(id)).toMatchObject({ sends: 2, stepSince: now.toISOString() });
    expect(await sweeper.sweep(after(LONGEST_PAUSE + 60_000))).toBe(0);
    expect(await sweeper.sweep(after(3 * LONGEST_PAUSE))).toBe(1);
  });

  it('turns a saga round that has waited for as long as the service allows, not before, and counts that', async () => {
    const { sweeper, start, commandsOf, saga, counted } = pantry({ stepTimeout: 600_000 });
    const id = newId();
    await start(emptyingSaga, id);
    await sweeper.sweep(after(300_000));
    expect(saga(id)?.deadline).toBe(after(600_000).toISOString());
    await sweeper.sweep(after(600_000));
    expect(saga(id)).toMatchObject({ state: 'RUNNING' });
    await sweeper.sweep(after(600_001));
    expect(saga(id)).toMatchObject({ state: 'COMPENSATING', failure: 'STEP_TIMED_OUT' });
    const [first, , undo] = commandsOf(id);
    expect(undo?.headers).toMatchObject({ 'ce-type': 'pantry.Empty', 'ce-indoubt': 'true' });
    expect(saga(id)?.inDoubt).toBe(first?.id);
    const labels = { saga: emptyingSaga.name };
    expect(await counted('ftgo_saga_timeouts_total', labels)).toBe(1);
    expect(await counted('ftgo_saga_resends_total', labels)).toBe(1);
  });

  it('gives a step the time that its definition says', async () => {
    const { sweeper, start, saga } = pantry({ stepTimeout: 60_000 });
    const id = newId();
    await start(patientSaga, id);
    for (const seconds of [200, 600, 1_400, 2_200]) await sweeper.sweep(after(seconds * 1_000));
    expect(saga(id)).toMatchObject({ state: 'RUNNING', sends: 5 });
    await sweeper.sweep(after(3_600_001));
    expect(saga(id)).toMatchObject({ state: 'COMPENSATED' });
  });

  it.each([
    ['that nobody here defines', { ...jarSaga, name: 'pantry.OldSaga' }],
    [
      'whose step is gone from its definition',
      { ...jarSaga, steps: [{ name: 'rinse' }, { name: 'dry' }, ...jarSaga.steps] },
    ],
  ])('is not held up by a saga %s, and says so', async (_what, foreign) => {
    const { sweeper, start, commandsOf, logged } = pantry();
    const [strange, known] = [newId(), newId()];
    await start(foreign, strange);
    await start(jarSaga, known);
    expect(await sweeper.sweep(after(LONGEST_PAUSE))).toBe(2);
    expect(commandsOf(known)).toHaveLength(2);
    expect(commandsOf(strange)).toHaveLength(1);
    // It is looked at again later; meanwhile it is in nobody's way.
    expect(await sweeper.sweep(after(LONGEST_PAUSE + 50_000))).toBe(0);
    expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ sagaId: strange, msg: 'an overdue saga can not be taken on' }),
    ]);
  });

  it('looks no second time while the first has no answer', async () => {
    jest.useFakeTimers();
    try {
      const answers: (() => void)[] = [];
      const transaction = () =>
        new Promise<never>((_, reject) => answers.push(() => reject(new Error('away'))));
      const transactor = { transaction, execute: transaction };
      const metrics = sagaMetrics(createMetrics('pantry-service'));
      const sweeper = new SagaSweeper([jarSaga], transactor, metrics, pino({ enabled: false }));
      sweeper.start();
      await jest.advanceTimersByTimeAsync(5_000);
      expect(answers).toHaveLength(1);
      answers[0]?.();
      await jest.advanceTimersByTimeAsync(1_000);
      expect(answers).toHaveLength(2);
      answers[1]?.();
      await sweeper.stop();
    } finally {
      jest.useRealTimers();
    }
  });
});
