import { headers as natsHeaders, type Msg, type MsgHdrs, type NatsConnection, type NatsError } from 'nats';
import { NatsPublications, type NotStored } from '../../src/messaging/nats-publications';

interface Sent {
  readonly subject: string;
  readonly reply: string;
  readonly headers: MsgHdrs;
}

type OnAnswer = (error: NatsError | null, answer: Msg) => void;

/** A connection whose other end is the test. */
class Line {
  readonly sent: Sent[] = [];
  private answered: OnAnswer = () => undefined;

  readonly connection = {
    publish: (subject: string, _data: Uint8Array, options: { reply: string; headers: MsgHdrs }) =>
      void this.sent.push({ subject, ...options }),
    subscribe: (_subject: string, options: { callback: OnAnswer }) => void (this.answered = options.callback),
  } as unknown as NatsConnection;

  answer({ reply }: Sent, payload: unknown, headers?: MsgHdrs): void {
    this.answered(null, { subject: reply, headers, json: () => payload } as Msg);
  }
}

const TIMEOUT = 5_000;
const stored = { stream: 'FTGO', seq: 1 };

describe('publications that wait for their acknowledgement', () => {
  let line: Line;
  let publications: NatsPublications;
  beforeEach(() => {
    jest.useFakeTimers();
    line = new Line();
    publications = new NatsPublications(line.connection, TIMEOUT);
  });
  afterEach(() => {
    publications.close();
    jest.useRealTimers();
  });

  const publish = (
    subject = 'ftgo.test',
  ): { sent: Sent; outcome: Promise<'stored' | NotStored['reason']> } => {
    const outcome = publications.publish({ id: 'm1', subject, headers: {}, data: Buffer.from('{}') }).then(
      () => 'stored' as const,
      (error: NotStored) => error.reason,
    );
    const sent = line.sent.at(-1);
    if (sent === undefined) throw new Error('nothing was sent');
    return { sent, outcome };
  };
  const noResponders = natsHeaders(503, 'No Responders');

  it('end each by its own, in whatever order they come', async () => {
    const [one, other] = [publish(), publish()];
    line.answer(other.sent, { error: { err_code: 10_054, description: 'message size exceeds maximum' } });
    line.answer(one.sent, { ...stored, duplicate: true });
    expect(await Promise.all([one.outcome, other.outcome])).toEqual(['stored', 'refused']);
  });

  it.each<[string, unknown, MsgHdrs | undefined, string]>([
    ['that no stream takes the subject', {}, noResponders, 'no stream'],
    ['an error that may pass', { error: { err_code: 10_077, description: 'full' } }, undefined, 'unclear'],
    ['nothing of a stream', {}, undefined, 'unclear'],
  ])('fail when it says %s', async (_what, payload, headers, reason) => {
    const { sent, outcome } = publish();
    line.answer(sent, payload, headers);
    expect(await outcome).toBe(reason);
  });

  it('are given up when it is overdue, and only then; one that comes later is too late', async () => {
    const early = publish();
    jest.advanceTimersByTime(TIMEOUT - 1_000);
    const late = publish();
    jest.advanceTimersByTime(2_000);
    expect(await early.outcome).toBe('unclear');
    line.answer(early.sent, stored);
    line.answer(late.sent, stored);
    expect(await late.outcome).toBe('stored');
  });

  it('are given up at once when the connection is lost', async () => {
    const outcomes = [publish(), publish()].map(({ outcome }) => outcome);
    publications.connectionLost();
    expect(await Promise.all(outcomes)).toEqual(['unclear', 'unclear']);
  });

  it.each<Record<string, string>>([{ 'ce-id': 'a\r\nNats-Msg-Id: b' }, { '': 'a' }])(
    'are refused for good, and not sent, with the headers %j',
    async (headers) => {
      const message = { id: 'm1', subject: 'ftgo.test', headers, data: Buffer.from('{}') };
      await expect(publications.publish(message)).rejects.toMatchObject({ reason: 'refused' });
      expect(line.sent).toEqual([]);
    },
  );

  it('are refused for good where the subject is forbidden, and only there', async () => {
    const [forbidden, allowed] = [publish('ftgo.foreign'), publish('ftgo.own')];
    publications.forbidden('ftgo.foreign');
    line.answer(allowed.sent, stored);
    expect(await Promise.all([forbidden.outcome, allowed.outcome])).toEqual(['refused', 'stored']);
  });
});
