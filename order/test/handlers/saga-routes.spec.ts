import { MAX_REFUSALS, newId, SUCCESS, type Reply } from '@ftgo/shared-ts';
import { orderapi } from '@ftgo/serviceapis';
import { Api, order, problemIn } from './api';
import { ids } from '../sample-orders';

let api: Api;
beforeEach(async () => {
  api = await Api.open();
});
afterEach(() => api.service.messages.stop());

const CREATE = 'orderservice.CreateOrderSaga';
const CANCEL = 'orderservice.CancelOrderSaga';
const refusal: Reply = { outcome: 'FAILURE', name: 'msg.Failure', payload: { reason: 'TICKET_STATE' } };

interface Saga {
  readonly saga_id: string;
  readonly name: string;
  readonly state: string;
  readonly [member: string]: unknown;
}
interface Page {
  readonly sagas: readonly Saga[];
  readonly next: string;
}

const list = async (query = ''): Promise<Page> =>
  (await api.request().get(`/api/sagas${query}`).expect(200)).body as Page;
const look = async (id: string) => {
  const { body } = await api.request().get(`/api/sagas/${id}`).expect(200);
  return body as Saga & { readonly history: readonly { kind: string; at: string }[] };
};
const retry = (id: string) => api.request().post(`/api/sagas/${id}/retry`);
const compensate = (id: string) => api.request().post(`/api/sagas/${id}/compensate`);

/** Places an order and starts its saga, which has the order's id. */
async function created(): Promise<string> {
  const id = await api.placedOrder();
  const row = api.service.outbox().find(({ partitionKey }) => partitionKey === id);
  const payload = orderapi.OrderCreated.payload.parse(JSON.parse(row?.payload ?? ''));
  await api.service.messages.event(orderapi.OrderCreated, { id, version: 1 }, payload);
  return id;
}

/** Starts the cancellation of an approved order. */
async function cancelled(): Promise<string> {
  const id = await api.approvedOrder();
  await api.request().put(`/api/orders/${id}/cancel`).expect(202);
  return api.service.lastCommand().headers['ce-sagaid'] ?? '';
}

const reply = (answer: Reply = SUCCESS) => api.service.messages.reply(api.service.lastCommand(), answer);
const later = (milliseconds: number) => new Date(Date.now() + milliseconds);

/** A cancellation that accounting has carried out and that the kitchen refuses until nobody asks any more. */
async function stuck(): Promise<string> {
  const id = await cancelled();
  await reply();
  await reply();
  for (let refusals = 1; refusals < MAX_REFUSALS; refusals++) {
    await reply(refusal);
    await api.service.sweep(later(refusals * 3_600_000));
  }
  await reply(refusal);
  expect(api.service.saga(id)?.state).toBe('STUCK');
  return id;
}

describe('GET /api/sagas', () => {
  it('is empty while there are none', async () => {
    expect(await list()).toEqual({ sagas: [], next: '' });
  });

  it('lists the sagas, the newest first, with where they are', async () => {
    const first = await created();
    const second = await cancelled();
    const { sagas, next } = await list();
    expect(next).toBe('');
    expect(sagas.map(({ saga_id, name }) => [saga_id, name])).toEqual([
      [second, CANCEL],
      [first, CREATE],
    ]);
    expect(sagas[1]).toEqual({
      saga_id: first,
      name: CREATE,
      state: 'RUNNING',
      direction: 'forward',
      step: 'validate the consumer',
      step_since: expect.stringMatching(/Z$/) as string,
      started_at: expect.stringMatching(/Z$/) as string,
      command_id: api.service.commands()[0]?.id,
      sends: 1,
      refusals: 0,
      deadline: expect.stringMatching(/Z$/) as string,
    });
  });

  it('shows those of a state or of a name', async () => {
    const waiting = await stuck();
    const running = await created();
    const idsIn = async (query: string) => (await list(query)).sagas.map(({ saga_id }) => saga_id);
    expect(await idsIn('?state=STUCK')).toEqual([waiting]);
    expect(await idsIn(`?name=${CREATE}`)).toEqual([running]);
    expect(await idsIn(`?name=${CREATE}&state=STUCK`)).toEqual([]);
  });

  it('goes page by page', async () => {
    const all: string[] = [];
    for (let count = 0; count < 5; count++) all.unshift(await created());
    const seen: string[] = [];
    let page = await list('?limit=2');
    for (;;) {
      seen.push(...page.sagas.map(({ saga_id }) => saga_id));
      if (page.next === '') break;
      page = await list(`?limit=2&next=${page.next}`);
    }
    expect(seen).toEqual(all);
    expect(page.sagas).toHaveLength(1);
  });

  it.each(['?state=LOST', '?name=nobody', '?limit=0', '?limit=51', '?limit=x', '?next=abc', '?next=%20'])(
    'is 400 for %s',
    async (query) => {
      problemIn(await api.request().get(`/api/sagas${query}`), 400);
    },
  );
});

describe('GET /api/sagas/:sagaID', () => {
  it('shows the saga, its data and what happened to it', async () => {
    const id = await created();
    await reply();
    const saga = await look(id);
    expect(saga).toMatchObject({
      saga_id: id,
      name: CREATE,
      step: 'create the ticket',
      data: { orderId: id, consumerId: order.consumer_id, restaurantId: ids.restaurant },
    });
    expect(saga['correlation_id']).toBe(api.service.commands()[0]?.headers['ce-correlationid']);
    const [command, next] = api.service.commands();
    const at = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    const step = 'validate the consumer';
    expect(saga.history).toEqual([
      { at, kind: 'started', state: 'RUNNING' },
      {
        at,
        kind: 'command',
        step,
        message: 'consumerapi.ValidateOrderByConsumer',
        message_id: command?.id,
        state: 'RUNNING',
      },
      {
        at,
        kind: 'reply',
        step,
        message: 'msg.Success',
        message_id: command?.id,
        outcome: 'SUCCESS',
        state: 'RUNNING',
      },
      {
        at,
        kind: 'command',
        step: 'create the ticket',
        message: 'kitchenapi.CreateTicket',
        message_id: next?.id,
        state: 'RUNNING',
      },
    ]);
  });
});

describe('POST /api/sagas/:sagaID/retry', () => {
  it('sends the command that is out again, under its id', async () => {
    const id = await created();
    const answer = await retry(id).expect(202);
    expect(answer.body).toEqual({ saga_id: id, state: 'RUNNING' });
    const [first, second] = api.service.commands();
    expect(second?.id).toBe(first?.id);
    expect(second?.headers['ce-correlationid']).toBe(first?.headers['ce-correlationid']);
    expect(await api.service.counted('ftgo_saga_resends_total', { saga: CREATE })).toBe(1);
  });

  it('takes a STUCK saga on', async () => {
    const id = await stuck();
    expect(await look(id)).toMatchObject({ direction: 'forward', step: 'cancel the ticket' });
    await retry(id).expect(202);
    expect(api.service.lastCommand().headers['ce-type']).toBe('kitchenapi.ConfirmCancelTicket');
    await reply();
    await reply();
    expect(await look(id)).toMatchObject({ state: 'COMPLETED' });
    expect((await look(id)).history.map(({ kind }) => kind)).toContain('operator');
    await retry(id).expect(409);
  });
});

describe('POST /api/sagas/:sagaID/compensate', () => {
  it('turns a saga round', async () => {
    const id = await created();
    await reply();
    const inDoubt = api.service.lastCommand();
    const answer = await compensate(id).expect(202);
    expect(answer.body).toEqual({ saga_id: id, state: 'COMPENSATING' });
    const undo = api.service.lastCommand();
    expect(undo.headers).toMatchObject({ 'ce-type': 'kitchenapi.CancelCreateTicket', 'ce-indoubt': 'true' });
    expect(JSON.parse(undo.payload)).toEqual({ ticketId: inDoubt.id });
    expect(await look(id)).toMatchObject({
      direction: 'backward',
      failure: 'FORCED_BY_OPERATOR',
      in_doubt: inDoubt.id,
    });
    problemIn(await compensate(id), 409);
  });

  it('is 409 with the reason past the point of no return', async () => {
    const id = await stuck();
    const commands = api.service.commands().length;
    const problem = problemIn(await compensate(id), 409);
    expect(problem).toMatchObject({ code: 'SAGA_PAST_PIVOT' });
    expect(problem.detail).toContain('at "cancel the ticket": it can only go forward');
    expect(api.service.commands()).toHaveLength(commands);
    expect(await look(id)).toMatchObject({ state: 'STUCK' });
  });
});

describe.each([
  ['GET', ''],
  ['POST', '/retry'],
  ['POST', '/compensate'],
])('%s /api/sagas/:sagaID%s', (method, verb) => {
  const ask = (id: string) =>
    method === 'GET'
      ? api.request().get(`/api/sagas/${id}${verb}`)
      : api.request().post(`/api/sagas/${id}${verb}`);

  it('is 404 for a saga that nobody started', async () => {
    expect(problemIn(await ask(newId()), 404)).toMatchObject({ code: 'SAGA_NOT_FOUND' });
  });

  it('is 400 for an id that is no UUID', async () => {
    problemIn(await ask('7'), 400);
  });
});

describe('the metrics of the sagas', () => {
  it('hold how long they took, by the state in which they ended', async () => {
    await created();
    await reply({ outcome: 'FAILURE', name: 'consumerapi.ConsumerNotFound', payload: {} });
    expect(await api.service.counted('ftgo_saga_duration_seconds', { saga: CREATE, le: '+Inf' })).toBe(0);
    await reply();
    const labels = { saga: CREATE, state: 'COMPENSATED', le: '+Inf' };
    expect(await api.service.counted('ftgo_saga_duration_seconds', labels)).toBe(1);
  });
});
