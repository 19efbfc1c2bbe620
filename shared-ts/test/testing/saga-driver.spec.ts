import { z } from 'zod';
import { newId } from '../../src/ids';
import { send, type SagaDefinition } from '../../src/saga';
import { SagaDriver } from '../../src/testing';

const Fill = {
  name: 'pantry.Fill',
  kind: 'command',
  channel: 'pantry',
  payload: z.object({ jar: z.string() }),
} as const;
const Empty = { ...Fill, name: 'pantry.Empty' } as const;
const Label = { ...Fill, name: 'labels.Print', channel: 'labels' } as const;

const jarSaga: SagaDefinition<{ jar: string }> = {
  name: 'pantry.JarSaga',
  steps: [
    { name: 'fill', action: (data) => send(Fill, data), compensation: (data) => send(Empty, data) },
    { name: 'label', pivot: true, action: (data) => send(Label, data) },
    { name: 'store', action: (data) => send(Fill, data) },
  ],
};

const plums = { jar: 'plums' };
const story = () => new SagaDriver(jarSaga, plums);

describe('a saga story fails', () => {
  it.each<[string, () => unknown]>([
    ['when another command is expected', () => story().expect(Empty, plums)],
    ['when another payload is expected', () => story().expect(Fill, { jar: 'pears' })],
    ['when another channel is expected', () => story().expect({ ...Fill, channel: 'cellar' }, plums)],
    [
      'when the receiver could not read the command',
      () => story().expect({ ...Fill, payload: z.object({ jar: z.string().max(3) }) }, plums),
    ],
    ['when a command is answered that the story has not mentioned', () => story().succeed()],
    ['when a command is expected and none goes out', () => story().expect(Fill, plums).expect(Label, plums)],
    ['when a saga under way should have ended', () => story().expect(Fill, plums).expectCompleted()],
    [
      'when a saga should have ended well and was rolled back',
      () => story().expect(Fill, plums).fail('FULL').expectCompleted(),
    ],
    [
      'when a saga should have been rolled back and ended well',
      () =>
        story()
          .expect(Fill, plums)
          .succeed()
          .expect(Label, plums)
          .succeed()
          .expect(Fill, plums)
          .succeed()
          .expectRolledBack(),
    ],
    [
      'when an ended saga is answered',
      () => story().expect(Fill, plums).fail('FULL').expectRolledBack().succeed(),
    ],
    [
      'when an ended saga should be overdue',
      () => story().expect(Fill, plums).fail('FULL').expectRolledBack().letDeadlinePass(),
    ],
    ['when a saga that awaits a reply should wait', () => story().expect(Fill, plums).expectWaiting()],
    [
      'when a resent command should have a new id',
      () => story().expect(Fill, plums).letDeadlinePass().expectCommandTriedAnew(),
    ],
    [
      'when a command that was refused should keep its id',
      () =>
        story()
          .expect(Fill, plums)
          .succeed()
          .expect(Label, plums)
          .succeed()
          .expect(Fill, plums)
          .fail('FULL')
          .letDeadlinePass()
          .expectSameCommandAgain(),
    ],
    [
      'when the reply that is awaited should be ignored',
      () => {
        const saga = story().expect(Fill, plums);
        return saga.expectIgnored(saga.sent[0]?.id ?? '');
      },
    ],
    ['when a saga under way should be stuck', () => story().expect(Fill, plums).expectStuck()],
  ])('%s', (_when, tell) => {
    expect(tell).toThrow();
  });
});

describe('a saga story', () => {
  it('is told from the first command to an end', () => {
    story()
      .expect(Fill, plums)
      .succeed()
      .expect(Label, plums)
      .fail('NO_INK')
      .expect(Empty, plums)
      .expectIgnored(newId())
      .succeed()
      .expectRolledBack();
  });

  it('gives the reply to the step that awaits it', () => {
    const Filled = { name: 'pantry.Filled', kind: 'reply', payload: z.object({ jar: z.string() }) } as const;
    const renaming: SagaDefinition<{ jar: string }> = {
      ...jarSaga,
      steps: jarSaga.steps.map((step, index) =>
        index === 0 ? { ...step, onReply: (_data, reply) => Filled.payload.parse(reply) } : step,
      ),
    };
    new SagaDriver(renaming, plums)
      .expect(Fill, plums)
      .succeed(Filled, { jar: 'damsons' })
      .expect(Label, { jar: 'damsons' });
  });
});
