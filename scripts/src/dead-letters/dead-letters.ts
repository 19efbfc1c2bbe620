import { NatsBroker, PublishError } from '@ftgo/shared-ts/messaging';
import { createLogger, withoutPasswords, type Logger } from '@ftgo/shared-ts/telemetry';
import { messageOf, type Environment } from '../command-line';
import { help, parseCommand, type Choice, type Command } from './command';
import { chosenFrom, openLetterBox, theOneFrom, type Letter } from './letters';
import { asDetails, asTable, nameOf, visible } from './presentation';
import { replay } from './replay';
import { findWhereabouts } from './whereabouts';

/** What the command gets from its process. */
export interface Surroundings {
  readonly environ: Environment;
  /** What was asked for, line by line or several at once. */
  readonly print: (text: string) => void;
  /** A line that says what went wrong. */
  readonly complain: (line: string) => void;
}

type Request = Exclude<Command, { does: 'help' }>;

/**
 * Carries out one command of an operator.
 * @returns the exit code: 1 when anything was not done
 */
export async function deadLetters(args: readonly string[], around: Surroundings): Promise<0 | 1> {
  try {
    const command = parseCommand(args);
    if (command.does !== 'help') return await carryOut(command, around);
    around.print(help);
    return 0;
  } catch (error) {
    around.complain(visible(withoutPasswords(messageOf(error)), false));
    return 1;
  }
}

async function carryOut(request: Request, around: Surroundings): Promise<0 | 1> {
  const { databaseUrls, natsUrl } = findWhereabouts(around.environ, request.dataDir, request.choice.service);
  // Whatever matters here is said in lines of our own.
  const logger = createLogger({ serviceId: 'dead-letters', environment: 'production', level: 'silent' });
  const boxes = databaseUrls.map((url) => openLetterBox(url, logger));
  try {
    const letters = (await Promise.all(boxes.map((box) => box.letters()))).flat();
    letters.sort((one, other) => one.envelope.setAsideAt.getTime() - other.envelope.setAsideAt.getTime());
    switch (request.does) {
      case 'list':
        return list(letters, request.choice, around);
      case 'show':
        return await show(letters, request.choice, around);
      case 'replay':
        return await replayAll(toReplayOrDelete(letters, request.choice), natsUrl, logger, around);
      case 'delete':
        return await deleteAll(toReplayOrDelete(letters, request.choice), request.confirmed, around);
    }
  } finally {
    await Promise.all(boxes.map((box) => box.close()));
  }
}

function toReplayOrDelete(letters: readonly Letter[], choice: Choice): Letter[] {
  return choice.id === undefined ? chosenFrom(letters, choice) : [theOneFrom(letters, choice)];
}

function list(letters: readonly Letter[], choice: Choice, { print }: Surroundings): 0 {
  const chosen = chosenFrom(letters, choice).map(({ envelope }) => envelope);
  print(chosen.length === 0 ? noneOf(choice.service) : asTable(chosen));
  return 0;
}

const noneOf = (service?: string): string =>
  service === undefined ? 'There are no dead letters.' : `There are no dead letters of ${service}.`;

async function show(letters: readonly Letter[], choice: Choice, { print }: Surroundings): Promise<0> {
  const details = chosenFrom(letters, choice).map(async ({ envelope, payload }) => {
    const data = await payload();
    if (data === undefined) throw new Error(`${envelope.messageId} has changed just now: look again`);
    return asDetails(envelope, data);
  });
  print((await Promise.all(details)).join('\n\n'));
  return 0;
}

/** In the order of the stream, because messages of one partition key follow from each other. */
async function replayAll(
  letters: readonly Letter[],
  natsUrl: string,
  logger: Logger,
  around: Surroundings,
): Promise<0 | 1> {
  if (letters.length === 0) return nothingToDo(around);
  const broker = await connectBroker(natsUrl, logger);
  let replayed = 0;
  try {
    const ordered = [...letters].sort(
      (one, other) => one.envelope.streamSequence - other.envelope.streamSequence,
    );
    for (const letter of ordered) {
      try {
        if (await replayOne(letter, broker, around)) replayed += 1;
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        around.complain(visible(`${titleOf(letter)} stays: ${error.message}`, false));
        // What is wrong with the broker is wrong for all of them.
        if (!error.permanent) break;
      }
    }
  } finally {
    await broker.close();
  }
  around.print(`${replayed} of ${letters.length} replayed`);
  return replayed === letters.length ? 0 : 1;
}

async function replayOne(
  letter: Letter,
  broker: NatsBroker,
  { print, complain }: Surroundings,
): Promise<boolean> {
  const { published, removed } = await replay(letter, broker);
  const title = visible(titleOf(letter), false);
  if (removed) print(`replayed ${title}`);
  else if (published)
    complain(`${title} was replayed, and has been set aside again or replayed by somebody else`);
  else complain(`${title} has changed just now: look again`);
  return removed;
}

async function deleteAll(
  letters: readonly Letter[],
  confirmed: boolean,
  around: Surroundings,
): Promise<0 | 1> {
  if (letters.length === 0) return nothingToDo(around);
  if (!confirmed) {
    around.print(asTable(letters.map(({ envelope }) => envelope)));
    around.complain('nothing was deleted: say --yes to delete for good what is listed');
    return 1;
  }
  let deleted = 0;
  for (const letter of letters) {
    const title = visible(titleOf(letter), false);
    if (await letter.remove()) {
      deleted += 1;
      around.print(`deleted ${title}`);
    } else around.complain(`${title} has changed just now: look again`);
  }
  around.print(`${deleted} of ${letters.length} deleted`);
  return deleted === letters.length ? 0 : 1;
}

function nothingToDo({ print }: Surroundings): 0 {
  print(noneOf());
  return 0;
}

/** Someone waits at the terminal: no waiting for a broker that is away. */
async function connectBroker(natsUrl: string, logger: Logger): Promise<NatsBroker> {
  try {
    return await NatsBroker.connect({ url: natsUrl, serviceId: 'dead-letters', wait: false }, logger);
  } catch (error) {
    throw new Error(
      `the broker at ${withoutCredentials(natsUrl)} can't be reached (${messageOf(error)}); nothing was replayed`,
      {
        cause: error,
      },
    );
  }
}

/** A URL of the broker may carry a user and a password, or a token. */
const withoutCredentials = (natsUrl: string): string => natsUrl.replaceAll(/\/\/[^@/,]*@/g, '//');

const titleOf = ({ envelope }: Letter): string =>
  `${envelope.messageId} (${nameOf(envelope)} on ${envelope.subject}, set aside by ${envelope.consumer})`;
