import type { Check, Evidence } from './evidence';
import { grouped } from './evidence';

interface Line {
  readonly menu_item_id: string;
  readonly quantity: number;
}

interface OrderView {
  readonly order_id: string;
  readonly state: string;
  readonly order_total: number;
  readonly ticket_id?: string;
  readonly line_items: readonly Line[];
}

interface TicketView {
  readonly id: string;
  readonly order_id: string;
  readonly state: string;
  readonly line_items: readonly Line[];
}

interface DeliveryView {
  readonly status: string;
  readonly assigned_courier: string;
  readonly courier_actions: readonly string[];
}

interface HistoryView {
  readonly status: string;
  readonly order_total: number;
  readonly line_items: readonly Line[];
}

/** What accounting's events say of an order. */
interface Authorization {
  readonly total: number;
  readonly reversed: boolean;
}

const QUESTIONS_AT_ONCE = 8;

export const agreement: Check = {
  name: "each order's state, its ticket's, its authorization's, its delivery's and its history agree",
  run: async (evidence) => {
    const orders = await evidence.sql<{ id: string }>(
      'ordering',
      `SELECT DISTINCT aggregate_id AS id FROM events WHERE aggregate_name = 'orderservice.Order'`,
    );
    const authorizations = await readAuthorizations(evidence);
    const tickets = grouped(
      await evidence.sql<{ id: string; order_id: string }>(
        'kitchen',
        `SELECT aggregate_id AS id, data->>'orderId' AS order_id FROM events WHERE type = 'kitchen.TicketOpened'`,
      ),
      ({ order_id }) => order_id,
    );
    const findings: string[] = [];
    const queue = [...orders];
    const work = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const { id } = next;
        const opened = (tickets.get(id) ?? []).map((ticket) => ticket.id);
        const wrong = await lookAt(evidence, id, opened, authorizations.get(id));
        findings.push(...wrong.map((what) => `order ${id}: ${what}`));
      }
    };
    await Promise.all(Array.from({ length: QUESTIONS_AT_ONCE }, work));
    const ids = new Set(orders.map(({ id }) => id));
    const strays = [...authorizations.keys(), ...tickets.keys()].filter((id) => !ids.has(id));
    findings.push(...strays.map((id) => `a ticket or an authorization of order ${id}, which does not exist`));
    return { examined: orders.length, findings };
  },
};

async function readAuthorizations({ sql }: Evidence): Promise<Map<string, Authorization>> {
  const events = await sql<{ id: string; type: string; total: number | null }>(
    'accounting',
    `SELECT aggregate_id AS id, type, (data->>'total')::bigint::float8 AS total FROM events
     WHERE aggregate_name = 'accountingservice.Authorization' ORDER BY aggregate_id, version`,
  );
  const authorizations = new Map<string, Authorization>();
  for (const { id, type, total } of events) {
    const before = authorizations.get(id) ?? { total: 0, reversed: false };
    const reversed = before.reversed || /Reversed$|Forestalled$/.test(type);
    authorizations.set(id, { total: total ?? before.total, reversed });
  }
  return authorizations;
}

async function lookAt(
  evidence: Evidence,
  id: string,
  tickets: readonly string[],
  authorization: Authorization | undefined,
): Promise<string[]> {
  const [order, delivery, history, ...opened] = await Promise.all([
    get<OrderView>(evidence, 'order-service', `/api/orders/${id}`),
    get<DeliveryView>(evidence, 'delivery-service', `/api/deliveries/${id}`),
    get<HistoryView>(evidence, 'order-history-service', `/api/orders/${id}`),
    ...tickets.map((ticket) => get<TicketView>(evidence, 'kitchen-service', `/api/tickets/${ticket}`)),
  ]);
  if (order === undefined) return ['the order service does not know it'];
  if (delivery === undefined) return ['the delivery service does not know it'];
  if (history === undefined) return ['the order history does not know it'];
  const ticket = opened[0];
  return [
    ...compareHistory(order, history),
    ...(tickets.length > 1 ? [`it has ${tickets.length} tickets: ${tickets.join(', ')}`] : []),
    ...(order.ticket_id !== undefined && order.ticket_id !== tickets[0]
      ? [`its ticket is ${order.ticket_id}, and the kitchen has ${tickets[0] ?? 'none'}`]
      : []),
    ...compareByState(order, ticket, authorization, delivery),
  ];
}

async function get<View>(evidence: Evidence, service: string, path: string): Promise<View | undefined> {
  const answer = await evidence.client.send({ service, method: 'GET', path });
  return answer?.status === 200 ? (answer.body as View) : undefined;
}

function compareHistory(order: OrderView, history: HistoryView): string[] {
  const wrong: string[] = [];
  if (history.status !== order.state) wrong.push(`it is ${order.state}, in its history ${history.status}`);
  if (history.order_total !== order.order_total)
    wrong.push(`its total is ${order.order_total}, in its history ${history.order_total}`);
  if (quantities(history) !== quantities(order))
    wrong.push(`it has ${quantities(order)}, in its history ${quantities(history)}`);
  return wrong;
}

const quantities = ({ line_items }: { readonly line_items: readonly Line[] }): string =>
  line_items
    .map(({ menu_item_id, quantity }) => `${quantity} ${menu_item_id}`)
    .sort()
    .join(', ');

function compareByState(
  order: OrderView,
  ticket: TicketView | undefined,
  authorization: Authorization | undefined,
  delivery: DeliveryView,
): string[] {
  const stops = [...delivery.courier_actions].sort().join(' ');
  const is = `the order is ${order.state}, `;
  const wrong: string[] = [];
  const must = (condition: boolean, what: string) => void (condition || wrong.push(is + what));
  const ticketState = ticket?.state ?? 'missing';
  const money = authorization === undefined || authorization.reversed ? 0 : authorization.total;
  switch (order.state) {
    case 'Approved':
      must(['AwaitingAcceptance', 'Accepted'].includes(ticketState), `its ticket ${ticketState}`);
      must(
        ticket !== undefined && quantities(ticket) === quantities(order),
        'its ticket has other quantities',
      );
      must(money === order.order_total, `${money} of ${order.order_total} cents are authorized`);
      must(
        delivery.status === (ticketState === 'Accepted' ? 'SCHEDULED' : 'PENDING'),
        `its ticket ${ticketState}, its delivery ${delivery.status}`,
      );
      must(
        stops === (ticketState === 'Accepted' ? 'DROPOFF PICKUP' : ''),
        `its delivery has stops [${stops}]`,
      );
      break;
    case 'Rejected':
      must(['missing', 'Cancelled'].includes(ticketState), `its ticket ${ticketState}`);
      must(money === 0, `${money} cents are authorized`);
      must(delivery.status === 'PENDING' && stops === '', `its delivery ${delivery.status} with [${stops}]`);
      break;
    case 'Cancelled':
      must(ticketState === 'Cancelled', `its ticket ${ticketState}`);
      must(money === 0 && authorization !== undefined, `${money} cents are authorized`);
      must(
        delivery.status === 'CANCELLED' && stops === '',
        `its delivery ${delivery.status} with [${stops}]`,
      );
      break;
    default:
      wrong.push(`${is}which is no end`);
  }
  return wrong;
}
