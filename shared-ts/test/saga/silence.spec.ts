import type { OutboxRow } from '../../src/messaging';
import { repliesIn } from '../../src/testing';
import { at, HOUR, jamServices, jarOf, last } from './jam';

const jam = jamServices();

it('a participant that says nothing for a while is asked again, and when it answers the saga goes on', async () => {
  const id = await jam.kitchen.start();
  for (const minutes of [4, 11, 24, 40]) expect(await jam.kitchen.sweep(at(minutes * 60_000))).toBe(1);
  const commands = await jam.kitchen.commands();
  expect(commands).toHaveLength(5);
  expect(new Set(commands.map((command) => command.id)).size).toBe(1);
  // All of them lie at the broker, and the participant takes them one after the other.
  for (const command of commands) await jam.pantry.arrives(command);
  expect(await jam.pantry.fillings(jarOf(last(commands)))).toBe(1);
  for (const reply of await jam.pantry.rows()) await jam.kitchen.arrives(reply);
  expect(await jam.kitchen.saga(id)).toMatchObject({ state: 'RUNNING', step: 1 });
  expect(await jam.kitchen.commands()).toHaveLength(6);
});

it('a reply that was lost is sent again when the command comes again, and the work is done once', async () => {
  const id = await jam.kitchen.start();
  await jam.pantry.arrives(last(await jam.kitchen.commands()));
  const [lost] = await jam.pantry.rows();
  expect(lost).toBeDefined();
  expect(await jam.kitchen.sweep(at(240_000))).toBe(1);
  const again = last(await jam.kitchen.commands());
  await jam.pantry.arrives(again);
  expect(await jam.pantry.fillings(jarOf(again))).toBe(1);

  const rows = await jam.pantry.rows();
  expect(rows).toHaveLength(2);
  const reply = last(rows);
  expect(reply.id).not.toBe(lost?.id);
  expect(reply.headers['ce-id']).toBe(reply.id);
  const ignoringIds = ({ headers, channel, partitionKey, payload }: OutboxRow) => {
    const { 'ce-id': _id, 'ce-time': _time, ...same } = headers;
    return { channel, partitionKey, payload, same };
  };
  expect(rows.map(ignoringIds)[1]).toEqual(rows.map(ignoringIds)[0]);

  await jam.kitchen.arrives(reply);
  expect(await jam.kitchen.saga(id)).toMatchObject({ state: 'RUNNING', step: 1 });
  // The one that was lost turns up after all.
  if (lost !== undefined) await jam.kitchen.arrives(lost);
  expect(await jam.kitchen.saga(id)).toMatchObject({ state: 'RUNNING', step: 1 });
  expect(await jam.kitchen.commands()).toHaveLength(3);
});

it('a reply is sent again as often as its command comes, also out of a batch of many', async () => {
  await Promise.all(Array.from({ length: 10 }, () => jam.kitchen.start()));
  const commands = await jam.kitchen.commands();
  await Promise.all(commands.map((command) => jam.pantry.arrives(command)));
  const third = commands[2];
  if (third === undefined) throw new Error('there are ten');
  for (const _time of ['once', 'twice']) await jam.pantry.arrives(third);
  const answered = repliesIn(await jam.pantry.rows()).map(({ inReplyTo }) => inReplyTo);
  expect(answered).toHaveLength(12);
  expect(answered.filter((command) => command === third.id)).toHaveLength(3);
});

it('a participant that says nothing at all has its step undone, in whatever state that is', async () => {
  const id = await jam.kitchen.start();
  const [command] = await jam.kitchen.commands();
  if (command === undefined) throw new Error('no command went out');
  await jam.pantry.arrives(command);
  expect(await jam.kitchen.sweep(at(25 * HOUR))).toBe(1);
  expect(await jam.kitchen.saga(id)).toMatchObject({
    state: 'COMPENSATING',
    failure: 'STEP_TIMED_OUT',
    inDoubt: command.id,
  });
  const undo = last(await jam.kitchen.commands());
  expect(await jam.pantry.arrives(undo)).toBe('acknowledged');
  expect(await jam.pantry.fillings(jarOf(command))).toBe(0);
  await jam.kitchen.arrives(last(await jam.pantry.rows()));
  const ended = await jam.kitchen.saga(id);
  expect(ended).toMatchObject({ state: 'COMPENSATED' });
  expect(ended?.inDoubt).toBeUndefined();
});
