import fc from 'fast-check';
import type { http } from '@ftgo/serviceapis';
import type { OrderDetails, OrderFacts, OrderHistory } from '../src/domain/order-history';
import { anOrder } from './order-histories';

/** Facts with the order's version after them. */
export interface Told {
  readonly facts: OrderFacts;
  readonly version: number;
}

const { orderId: _orderId, ...ordered } = anOrder();
export const details: OrderDetails = ordered;

/** What happens to an order, as the order service publishes it; the versions in between are events that it keeps to itself. */
export interface Story {
  readonly told: readonly Told[];
  /** How the order ends, but for its id. */
  readonly ending: Omit<OrderHistory, 'orderId'>;
}

const quantity = fc.integer({ min: 0, max: 9 });
const change = fc
  .record({ vindaloo: quantity, lassi: quantity }, { requiredKeys: [] })
  .filter((quantities) => Object.keys(quantities).length > 0);

/** Stories of orders that may be rejected, or approved, revised some times and cancelled. */
export const stories: fc.Arbitrary<Story> = fc
  .record({
    rejected: fc.boolean(),
    revisions: fc.array(change, { maxLength: 4 }),
    cancelled: fc.boolean(),
    unpublished: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ rejected, revisions, cancelled, unpublished }) => {
    const told: Told[] = [{ version: 1, facts: { details, status: 'ApprovalPending' } }];
    const quantities = new Map(details.lineItems.map((item) => [item.menuItemId, item.quantity]));
    let version = 2;
    let status: http.OrderStatus = rejected ? 'Rejected' : 'Approved';
    told.push({ version, facts: { status } });
    const lineItems = () =>
      details.lineItems.map((item) => ({ ...item, quantity: quantities.get(item.menuItemId) ?? 0 }));
    const total = () => lineItems().reduce((sum, item) => sum + item.price * item.quantity, 0);
    for (const revisedQuantities of rejected ? [] : revisions) {
      for (const [id, revised] of Object.entries(revisedQuantities)) quantities.set(id, revised);
      const revision = { revisedQuantities: { ...revisedQuantities }, newOrderTotal: total() };
      version += 1 + unpublished;
      told.push({ version, facts: { status, revision } });
    }
    if (cancelled && !rejected) {
      status = 'Cancelled';
      told.push({ version: version + 1 + unpublished, facts: { status } });
    }
    return { told, ending: { ...details, status, lineItems: lineItems(), orderTotal: total() } };
  });

/** A story's messages in any order, each at least once and some twice. */
export const arrivals: fc.Arbitrary<{ story: Story; arriving: readonly Told[] }> = stories.chain((story) =>
  fc
    .tuple(
      fc.shuffledSubarray([...story.told], { minLength: story.told.length }),
      fc.shuffledSubarray([...story.told]),
    )
    .map(([once, again]) => ({ story, arriving: [...once, ...again] })),
);
