import type { Scope, Transaction, Transactor, UnitOfWork } from '../unit-of-work';
import { UndecodableMessage } from './decode';
import { Repeated } from './inbox';
import type { IncomingMessage } from './message';
import { routeOf, type MessageHandler } from './router';

/** Handles messages in transactions, each message once: the inbox row, the effects and the outgoing messages commit together. */
export class MessageHandling<Ports> {
  private readonly handlers: ReadonlyMap<string, MessageHandler<Ports>>;
  /** The last batch had messages that were handled before: where a stream is read again, the next one has, too. */
  private repeating = false;

  /** @param serviceId the inbox's consumer */
  constructor(
    private readonly serviceId: string,
    handlers: readonly MessageHandler<Ports>[],
    private readonly transactor: Transactor<Ports>,
  ) {
    this.handlers = new Map(handlers.map((handler) => [handler.route, handler]));
  }

  handles(message: IncomingMessage): boolean {
    return this.handlers.has(routeOf(message));
  }

  /** Many messages in one transaction; when it fails, it has done nothing. */
  async together(messages: readonly IncomingMessage[]): Promise<void> {
    if (!this.repeating) {
      try {
        return await this.transactor.transaction((transaction) => this.runAsNew(transaction, messages));
      } catch (error) {
        if (!(error instanceof Repeated)) throw error;
      }
    }
    this.repeating = await this.transactor.transaction((transaction) => this.run(transaction, messages));
  }

  /** One message, which may well have been handled before. */
  async alone(message: IncomingMessage): Promise<void> {
    await this.transactor.transaction((transaction) => this.run(transaction, [message]));
  }

  /**
   * Handles the messages while they are being entered into the inbox, which saves a round trip: hardly ever has one been handled before.
   * @throws Repeated when one has, at the latest at the commit: then everything is to be rolled back
   */
  private async runAsNew(
    transaction: Transaction<Ports>,
    messages: readonly IncomingMessage[],
  ): Promise<void> {
    const entered = transaction.work.enterNew(idsOf(messages));
    try {
      await this.handleAll(transaction, messages);
    } catch (error) {
      // What went wrong with a message that was handled before means nothing.
      await entered;
      throw error;
    }
  }

  /**
   * Handles the messages that have not been handled before, and answers commands again that have.
   * @returns whether there were any of these
   */
  private async run(transaction: Transaction<Ports>, messages: readonly IncomingMessage[]): Promise<boolean> {
    const { work } = transaction;
    const entered = new Set(await work.stores.inbox.enter(this.serviceId, idsOf(messages)));
    // A message may stand in a batch twice, too.
    const isFresh = ({ id }: IncomingMessage): boolean => entered.delete(id);
    const fresh: IncomingMessage[] = [];
    const repeated: IncomingMessage[] = [];
    for (const message of messages) (isFresh(message) ? fresh : repeated).push(message);
    await this.answerAgain(work, repeated);
    await this.handleAll(transaction, fresh);
    return repeated.length > 0;
  }

  /** Messages of one partition key in their order, different keys side by side. */
  private async handleAll(
    transaction: Transaction<Ports>,
    messages: readonly IncomingMessage[],
  ): Promise<void> {
    const lanes = new Map<string, IncomingMessage[]>();
    for (const message of messages) {
      const lane = lanes.get(message.partitionKey);
      if (lane === undefined) lanes.set(message.partitionKey, [message]);
      else lane.push(message);
    }
    const handling: Promise<void>[] = [];
    for (const lane of lanes.values()) handling.push(this.handleInOrder(transaction, lane));
    const results = await Promise.allSettled(handling);
    // Only when all lanes have ended: none may go on with a transaction that is rolled back.
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  private async handleInOrder(
    transaction: Transaction<Ports>,
    lane: readonly IncomingMessage[],
  ): Promise<void> {
    for (const message of lane)
      await this.handle(message, transaction.work.scope(message.context), transaction);
  }

  /** Who sends a command again has not got its reply: that is sent again, too. */
  private async answerAgain(work: UnitOfWork, repeated: readonly IncomingMessage[]): Promise<void> {
    const commands = repeated.filter(
      ({ kind, attributes }) => kind === 'command' && attributes['replyto'] !== undefined,
    );
    if (commands.length === 0) return;
    const ids = commands.map(({ id }) => id);
    for (const reply of await work.stores.inbox.repliesTo(this.serviceId, ids)) work.publishAgain(reply);
  }

  private handle(message: IncomingMessage, scope: Scope, transaction: Transaction<Ports>): Promise<void> {
    const handler = this.handlers.get(routeOf(message));
    if (handler === undefined) throw new UndecodableMessage(`nobody here handles ${message.name}`);
    return handler.handle(transaction.ports(scope), message, scope);
  }
}

function idsOf(messages: readonly IncomingMessage[]): string[] {
  const ids: string[] = [];
  for (const { id } of messages) ids.push(id);
  return ids;
}
