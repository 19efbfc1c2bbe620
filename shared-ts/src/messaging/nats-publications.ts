import { createInbox, NatsError, type Msg, type MsgHdrs, type NatsConnection } from 'nats';
import type { BrokerMessage } from './broker';
import { encodeHeaders, InvalidHeader } from './nats-headers';

/** The broker's error for a message above the stream's or the server's limit. */
const TOO_LARGE = 10_054;
/** A message's status that says that no stream takes the subject. */
const NO_RESPONDERS = 503;
/** How often it is looked for acknowledgements that are overdue, in milliseconds. */
const SWEEP_INTERVAL = 500;

/** Why a message was not stored. */
export class NotStored extends Error {
  override readonly name = 'NotStored';

  /** @param reason `no stream`, `refused` (for good), or `unclear`: nobody knows whether it is stored */
  constructor(
    readonly reason: 'no stream' | 'refused' | 'unclear',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Publication {
  readonly subject: string;
  readonly sentAt: number;
  resolve(): void;
  reject(error: NotStored): void;
}

/**
 * Publications that wait for the stream's acknowledgement, any number at a time. What the client library's own request does, without what
 * that costs a message: a timer, a race of promises and a stack trace.
 */
export class NatsPublications {
  private readonly inbox: string;
  /** By the last token of the reply subject, the oldest first. */
  private readonly waiting = new Map<string, Publication>();
  private readonly sweep: NodeJS.Timeout;
  private count = 0;

  /** @param timeout milliseconds that an acknowledgement may take */
  constructor(
    private readonly connection: NatsConnection,
    private readonly timeout: number,
    inboxPrefix?: string,
  ) {
    this.inbox = `${createInbox(inboxPrefix)}.`;
    connection.subscribe(`${this.inbox}*`, { callback: (error, answer) => this.onAnswer(error, answer) });
    this.sweep = setInterval(() => this.rejectOverdue(), SWEEP_INTERVAL).unref();
  }

  /**
   * Resolves when the message is stored, as a duplicate too.
   * @throws NotStored
   */
  publish({ id, subject, headers, data }: BrokerMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const token = (++this.count).toString(36);
      try {
        const block = encodeHeaders(headers, id);
        this.connection.publish(subject, data, { headers: ready(block), reply: this.inbox + token });
      } catch (error) {
        reject(refusalOf(subject, error));
        return;
      }
      this.waiting.set(token, { subject, sentAt: performance.now(), resolve, reject });
    });
  }

  /** The connection is gone, and the acknowledgements with it. */
  connectionLost(): void {
    this.rejectAll(() => new NotStored('unclear', 'the connection was lost before the acknowledgement came'));
  }

  /** The server does not let this user publish to a subject. */
  forbidden(subject: string): void {
    this.rejectAll((publication) =>
      publication.subject === subject
        ? new NotStored('refused', 'this user may not publish to it')
        : undefined,
    );
  }

  close(): void {
    clearInterval(this.sweep);
    this.connectionLost();
  }

  private onAnswer(error: NatsError | null, answer: Msg): void {
    const token = answer.subject.slice(this.inbox.length);
    const publication = this.waiting.get(token);
    if (publication === undefined) return;
    this.waiting.delete(token);
    const failure = error === null ? failureIn(answer) : new NotStored('unclear', error.message);
    if (failure === undefined) publication.resolve();
    else publication.reject(failure);
  }

  private rejectOverdue(): void {
    const sentBefore = performance.now() - this.timeout;
    for (const [token, publication] of this.waiting) {
      if (publication.sentAt > sentBefore) return;
      this.waiting.delete(token);
      publication.reject(new NotStored('unclear', `no acknowledgement within ${this.timeout} ms`));
    }
  }

  private rejectAll(errorFor: (publication: Publication) => NotStored | undefined): void {
    for (const [token, publication] of this.waiting) {
      const error = errorFor(publication);
      if (error === undefined) continue;
      this.waiting.delete(token);
      publication.reject(error);
    }
  }
}

/** Headers that are encoded already; that is all the client does with what it is given. */
const ready = (block: Uint8Array): MsgHdrs => ({ encode: () => block }) as unknown as MsgHdrs;

/** The client knows the server's limit, and refuses what is too large, or no subject, before it is sent. */
function refusalOf(subject: string, error: unknown): NotStored {
  const code = error instanceof NatsError ? error.code : '';
  const forGood =
    error instanceof InvalidHeader ||
    ['MAX_PAYLOAD_EXCEEDED', 'BAD_SUBJECT', 'PERMISSIONS_VIOLATION'].includes(code);
  const why = error instanceof Error ? error.message : String(error);
  return new NotStored(forGood ? 'refused' : 'unclear', `${subject} was not sent: ${why}`, { cause: error });
}

/** What an answer says against the message; undefined when it is stored. */
function failureIn(answer: Msg): NotStored | undefined {
  if (answer.headers?.code === NO_RESPONDERS)
    return new NotStored('no stream', 'no stream takes the subject');
  const { stream, error } = answer.json<{
    stream?: string;
    error?: { err_code?: number; description?: string };
  }>();
  if (error === undefined && stream) return undefined;
  const reason = error?.err_code === TOO_LARGE ? 'refused' : 'unclear';
  return new NotStored(reason, error?.description ?? 'the acknowledgement names no stream');
}
