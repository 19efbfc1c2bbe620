import { deepStrictEqual } from 'node:assert/strict';
import { newId } from '../ids';
import type { MessageType, OutgoingMessage, PayloadOf } from '../messaging';
import {
  compensateNow,
  handleReply,
  isInDoubt,
  replyChannel,
  resend,
  retryNow,
  start,
  type Advance,
  type SagaDefinition,
  type SagaInstance,
  type SagaReply,
  type SagaState,
  type SagaTransition,
} from '../saga';

type CommandType = MessageType & { readonly channel: string };

/**
 * Tells a saga's story in a spec, in the manner of Eventuate's saga test kit: expect a command, answer it, expect the next one or an end. It runs on the
 * pure transitions, with a clock of its own; what is not as expected is thrown.
 */
export class SagaDriver<Data> {
  /** Every command that the saga has sent so far. */
  readonly sent: OutgoingMessage[] = [];
  /** What the saga's history holds so far. */
  readonly history: SagaTransition[] = [];
  private saga: SagaInstance<Data>;
  private clock = new Date('2030-01-01T12:00:00.000Z');
  /** A command that went out and that the story has not mentioned yet. */
  private unmentioned: OutgoingMessage | undefined;

  constructor(
    private readonly definition: SagaDefinition<Data>,
    data: Data,
  ) {
    this.saga = this.take(start(definition, { sagaId: newId(), data, correlationId: newId() }, this.clock));
  }

  /** The saga as the store would hold it now. */
  get instance(): SagaInstance<Data> {
    return this.saga;
  }

  /** Milliseconds until the saga is overdue. */
  get patience(): number {
    return Date.parse(this.deadline()) - this.clock.getTime();
  }

  /** The command that the saga has just sent is this one, on this type's channel, and its receiver can read it. */
  expect<T extends CommandType>(type: T, payload: PayloadOf<T>): this {
    const { name, channel } = type;
    const command = this.mention(name);
    deepStrictEqual(
      { name: command.name, channel: command.channel, payload: command.payload },
      { name, channel, payload },
    );
    deepStrictEqual(type.payload.parse(command.payload), payload);
    return this;
  }

  /** The command went out once more under its id, so that whoever has handled it sees a duplicate. */
  expectSameCommandAgain(): this {
    this.expectAgain();
    return this.require(this.idsOfLastTwo().size === 1, 'the command must keep its id');
  }

  /** The command went out once more under another id, so that it is not taken for the one that was refused. */
  expectCommandTriedAnew(): this {
    this.expectAgain();
    return this.require(this.idsOfLastTwo().size === 2, 'the command must have a new id');
  }

  /** The command is carried out; without a type, the reply is `msg.Success`. */
  succeed(): this;
  succeed<T extends MessageType>(type: T, payload: PayloadOf<T>): this;
  succeed(type?: MessageType, payload: unknown = {}): this {
    return this.answer({ ...this.replyTo(), outcome: 'SUCCESS', name: type?.name ?? 'msg.Success', payload });
  }

  /** The command is refused, by `msg.Failure` with a reason or by a reply of a type. */
  fail(reason: string): this;
  fail<T extends MessageType>(type: T, payload: PayloadOf<T>): this;
  fail(typeOrReason: MessageType | string, payload: unknown = {}): this {
    const reply =
      typeof typeOrReason === 'string'
        ? { name: 'msg.Failure', payload: { reason: typeOrReason } }
        : { name: typeOrReason.name, payload };
    return this.answer({ ...this.replyTo(), outcome: 'FAILURE', ...reply });
  }

  /** Neither a yes nor a no to the command with this id moves the saga. */
  expectIgnored(commandId: string): this {
    for (const outcome of ['SUCCESS', 'FAILURE'] as const) {
      const reply = { inReplyTo: commandId, outcome, name: 'msg.Success', payload: {} };
      const advance = handleReply(this.definition, this.saga, reply, this.clock);
      this.require(advance === undefined, `the ${outcome} reply to ${commandId} must be ignored`);
    }
    return this;
  }

  /** The step was refused where it may not fail: nothing is out, and it is tried again later. */
  expectWaiting(): this {
    this.expectNothingSent();
    this.require(this.saga.pendingCommandId === undefined, 'no reply may be awaited');
    return this.require(this.saga.deadline !== undefined, 'there must be a time at which it is tried again');
  }

  /** Time passes until the saga is overdue, and the sweeper takes it on. */
  letDeadlinePass(): this {
    this.expectNothingSent();
    this.clock = new Date(Date.parse(this.deadline()) + 1);
    this.saga = this.take(resend(this.definition, this.saga, this.clock));
    return this;
  }

  /** Time passes, with as many deadlines as there are in it, and nobody answers. */
  letTimePass(milliseconds: number): this {
    this.expectNothingSent();
    const end = new Date(this.clock.getTime() + milliseconds);
    while (this.saga.deadline !== undefined && Date.parse(this.saga.deadline) < end.getTime()) {
      this.clock = new Date(Date.parse(this.saga.deadline) + 1);
      this.saga = this.take(resend(this.definition, this.saga, this.clock));
      const isAhead = this.saga.deadline === undefined || this.patience > 0;
      this.require(isAhead, 'the next deadline must lie ahead');
    }
    this.clock = end;
    return this;
  }

  /** The command that the saga has just sent undoes what may not have been done, and says so. */
  expectInDoubt<T extends CommandType>(type: T, payload: PayloadOf<T>): this {
    this.expect(type, payload);
    const last = this.sent.at(-1);
    return this.require(last !== undefined && isInDoubt(last), 'the command must say that it is in doubt');
  }

  /** An operator sends the saga's command now, or takes a STUCK saga on. */
  operatorRetries(): this {
    this.expectNothingSent();
    this.saga = this.take(retryNow(this.definition, this.saga, this.clock));
    return this;
  }

  /** An operator turns the saga round. */
  operatorCompensates(): this {
    this.expectNothingSent();
    this.saga = this.take(compensateNow(this.definition, this.saga, this.clock));
    return this;
  }

  expectCompleted(): this {
    return this.expectEnd('COMPLETED');
  }

  expectRolledBack(): this {
    return this.expectEnd('COMPENSATED');
  }

  expectStuck(): this {
    return this.expectEnd('STUCK');
  }

  private answer(reply: SagaReply): this {
    this.expectNothingSent();
    const advance = handleReply(this.definition, this.saga, reply, this.clock);
    if (advance === undefined) throw new Error(`the saga ignored ${reply.name}; it is ${this.saga.state}`);
    this.saga = this.take(advance);
    return this;
  }

  private replyTo(): Pick<SagaReply, 'inReplyTo'> {
    const { pendingCommandId } = this.saga;
    if (pendingCommandId === undefined)
      throw new Error(`no command is out to be answered; the saga is ${this.saga.state}`);
    return { inReplyTo: pendingCommandId };
  }

  private take({ instance, command, transitions }: Advance<Data>): SagaInstance<Data> {
    this.history.push(...transitions);
    if (command !== undefined) this.sent.push(command);
    this.unmentioned = command;
    // What JSON can't hold would be missing from the next step on.
    return JSON.parse(JSON.stringify(instance)) as SagaInstance<Data>;
  }

  /** Takes the command that went out for mentioned; its envelope must lead the reply back here. */
  private mention(expected: string): OutgoingMessage {
    const command = this.unmentioned;
    if (command === undefined)
      throw new Error(`${expected} was expected, but the saga is ${this.saga.state} and sends nothing`);
    this.unmentioned = undefined;
    const { sagaId, sagaName, pendingCommandId } = this.saga;
    const { sagaid, saganame, replyto } = command.attributes;
    deepStrictEqual(
      { id: command.id, kind: command.kind, partitionKey: command.partitionKey, sagaid, saganame, replyto },
      {
        id: pendingCommandId,
        kind: 'command',
        partitionKey: sagaId,
        sagaid: sagaId,
        saganame: sagaName,
        replyto: replyChannel(sagaName),
      },
    );
    return command;
  }

  private expectAgain(): void {
    const before = this.sent.at(-2);
    const { name, channel, payload } = this.mention(before?.name ?? 'a command');
    deepStrictEqual(
      { name, channel, payload },
      { name: before?.name, channel: before?.channel, payload: before?.payload },
    );
  }

  private idsOfLastTwo(): Set<string> {
    return new Set(this.sent.slice(-2).map((command) => command.id));
  }

  private expectNothingSent(): this {
    return this.require(
      this.unmentioned === undefined,
      `${this.unmentioned?.name} went out and the story has not mentioned it`,
    );
  }

  private expectEnd(state: SagaState): this {
    this.expectNothingSent();
    const { pendingCommandId, deadline } = this.saga;
    deepStrictEqual(
      { state: this.saga.state, pendingCommandId, deadline },
      { state, pendingCommandId: undefined, deadline: undefined },
    );
    return this;
  }

  private deadline(): string {
    if (this.saga.deadline === undefined)
      throw new Error(`nothing is going to happen to the saga; it is ${this.saga.state}`);
    return this.saga.deadline;
  }

  private require(condition: boolean, rule: string): this {
    if (!condition) throw new Error(`${rule}; the saga is ${this.saga.state}`);
    return this;
  }
}
