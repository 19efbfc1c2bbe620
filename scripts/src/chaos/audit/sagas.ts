import type { Check } from './evidence';
import { grouped } from './evidence';

interface Saga {
  readonly saga_id: string;
  readonly saga_name: string;
  readonly state: string;
  readonly order_id: string;
}

const ENDS = ['COMPLETED', 'COMPENSATED'];

export const endedSagas: Check = {
  name: 'every saga ended',
  run: async ({ sql }) => {
    const sagas = await sql<Saga & { step: number; failure: string | null }>(
      'ordering',
      `SELECT saga_id, saga_name, state, step, failure, data->>'orderId' AS order_id FROM sagas`,
    );
    const findings = sagas
      .filter(({ state }) => !ENDS.includes(state))
      .map(
        ({ saga_id, saga_name, state, step, order_id, failure }) =>
          `${saga_name} ${saga_id} of order ${order_id} is ${state} at step ${step} (${failure ?? 'no failure'})`,
      );
    return { examined: sagas.length, findings };
  },
};

/** What an order's events say happened, against how its sagas ended. */
const outcomes: readonly { saga: string; state: string; event: string }[] = [
  { saga: 'CreateOrderSaga', state: 'COMPLETED', event: 'orderapi.OrderApproved' },
  { saga: 'CreateOrderSaga', state: 'COMPENSATED', event: 'orderapi.OrderRejected' },
  { saga: 'CancelOrderSaga', state: 'COMPLETED', event: 'orderapi.OrderCancelled' },
  { saga: 'CancelOrderSaga', state: 'COMPENSATED', event: 'order.OrderCancelUndone' },
  { saga: 'ReviseOrderSaga', state: 'COMPLETED', event: 'orderapi.OrderRevised' },
  { saga: 'ReviseOrderSaga', state: 'COMPENSATED', event: 'order.OrderRevisionUndone' },
];

export const sagasAndOrders: Check = {
  name: 'the sagas and their orders tell the same story',
  run: async ({ sql }) => {
    const sagas = await sql<Saga>(
      'ordering',
      `SELECT saga_id, saga_name, state, data->>'orderId' AS order_id FROM sagas`,
    );
    const events = await sql<{ id: string; type: string }>(
      'ordering',
      `SELECT aggregate_id AS id, type FROM events WHERE aggregate_name = 'orderservice.Order'`,
    );
    const sagasOf = grouped(sagas, ({ order_id }) => order_id);
    const findings: string[] = [];
    const orders = grouped(events, ({ id }) => id);
    for (const [id, story] of orders) {
      const own = sagasOf.get(id) ?? [];
      const creations = own.filter(({ saga_name }) => saga_name === 'orderservice.CreateOrderSaga').length;
      if (creations !== 1) findings.push(`order ${id} has ${creations} of CreateOrderSaga`);
      for (const { saga, state, event } of outcomes) {
        const ended = own.filter(
          (one) => one.saga_name === `orderservice.${saga}` && one.state === state,
        ).length;
        const happened = story.filter(({ type }) => type === event).length;
        if (ended !== happened)
          findings.push(
            `order ${id}: ${ended} of ${saga} are ${state}, and ${event} happened ${happened} times`,
          );
      }
    }
    return { examined: orders.size, findings };
  },
};

export const sagaHistories: Check = {
  name: "every saga's history is whole: each command answered once, and one end",
  run: async ({ sql }) => {
    const rows = await sql<{ saga_id: string; kind: string; message_id: string | null }>(
      'ordering',
      'SELECT saga_id, kind, message_id FROM saga_history ORDER BY saga_id, position',
    );
    const findings: string[] = [];
    const histories = grouped(rows, ({ saga_id }) => saga_id);
    for (const [id, history] of histories) {
      const of = (kind: string) => history.filter((row) => row.kind === kind);
      const commands = new Set(of('command').map(({ message_id }) => message_id));
      const replies = grouped(of('reply'), ({ message_id }) => message_id);
      for (const command of commands) {
        const count = replies.get(command)?.length ?? 0;
        if (count !== 1) findings.push(`saga ${id}: command ${command} was answered ${count} times`);
      }
      const ends = of('completed').length + of('compensated').length;
      if (of('started').length !== 1 || ends !== 1)
        findings.push(`saga ${id} has ${of('started').length} beginnings and ${ends} ends`);
    }
    return { examined: histories.size, findings };
  },
};
