/** Where an order should be when everything is quiet. */
export type Expected = 'Approved' | 'Rejected' | 'Cancelled';

/** An order as its client knows it. */
export interface PlacedOrder {
  readonly key: string;
  /** The id that was answered. */
  readonly orderId: string;
  /** Undefined where answers that got lost leave more than one end possible. */
  expected: Expected | undefined;
  /** Requests to cancel that were accepted, and those of which that is not known; the same of revisions. */
  readonly cancels: Asked;
  readonly revisions: Asked;
}

export interface Asked {
  accepted: number;
  doubtful: number;
}

/** What the clients know of the run: the requests that they made, and what they were answered. */
export class Journal {
  readonly orders: PlacedOrder[] = [];
  /** Keys of orders that were refused: there must be no such order. */
  readonly refused: string[] = [];
  /** Requests that got no answer in all their attempts. */
  readonly unanswered: string[] = [];
  /** What a client saw that must not be, whatever happens to the fleet. */
  readonly contradictions: string[] = [];
  /** Orders whose story is told, and those whose clients lost patience. */
  settled = 0;
  abandoned = 0;

  placed(key: string, orderId: string, expected: Expected): PlacedOrder {
    const order: PlacedOrder = {
      key,
      orderId,
      expected,
      cancels: { accepted: 0, doubtful: 0 },
      revisions: { accepted: 0, doubtful: 0 },
    };
    this.orders.push(order);
    return order;
  }
}
