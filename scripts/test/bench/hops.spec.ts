import { approvedKey, hopsOf, type Passage } from '../../src/bench/measure/hops';

const passage = (
  id: string,
  causedBy: string,
  begunAt: number,
  committedAt: number,
  storedAt: number,
): Passage => ({
  id,
  name: id,
  causedBy,
  begunAt,
  committedAt,
  storedAt,
});

/** Created, a command, its reply, approved; and a message beside the path, which is late. */
const created = passage('created', 'request', 101, 103, 104);
const command = passage('command', 'created', 106, 110, 112);
const beside = passage('beside', 'created', 106, 500, 600);
const approved = passage('approved', 'command', 115, 121, 122);
const passages = new Map(
  [created, command, beside, approved].map((each) => [each.id, each] as [string, Passage]),
).set(approvedKey('order'), approved);

const journey = { orderId: 'order', sentAt: 100, seenAt: 125 };

describe('the hops of an order', () => {
  const hops = hopsOf([journey], passages);
  const figures = Object.fromEntries(
    hops.map(({ kind, perOrder, together }) => [kind, [perOrder, together.max]]),
  );

  it('are those on the chain of causes from the request to the approval', () => {
    expect(figures).toEqual({
      'request to commit': [1, 3],
      'commit to broker': [3, 1 + 2 + 1],
      'broker to handler': [2, 2 + 3],
      'handler to commit': [2, 4 + 6],
      'broker to client': [1, 3],
    });
  });

  it('make up all of its time', () => {
    const sum = hops.reduce((total, { together }) => total + together.mean, 0);
    expect(sum).toBe(journey.seenAt - journey.sentAt);
  });

  it('are also told one by one', () => {
    const single = hops.find(({ kind }) => kind === 'handler to commit')?.single;
    expect(single).toMatchObject({ count: 2, mean: 5, max: 6 });
  });

  it('are left out for an order whose approval is not known', () => {
    const unknown = { ...journey, orderId: 'another' };
    expect(hopsOf([journey, unknown], passages)).toEqual(hops);
  });
});
