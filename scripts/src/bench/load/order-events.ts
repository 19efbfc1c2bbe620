import { connect, type Msg, type NatsConnection } from 'nats';
import { natsAddress } from '@ftgo/shared-ts/messaging';

/** What became of an order: the event's name and its payload. */
export interface OrderEvent {
  readonly name: string;
  readonly payload: unknown;
}

interface Waiter {
  readonly names: readonly string[];
  resolve(event: OrderEvent): void;
}

const endings = new Set([
  'orderapi.OrderApproved',
  'orderapi.OrderRejected',
  'orderapi.OrderCancelled',
  'orderapi.OrderRevised',
]);

/** How long an event may take before the order counts as lost, in milliseconds. */
const patienceMs = 60_000;

/**
 * The orders' events as they pass the broker. A plain subscription, not a JetStream consumer: it costs the broker one
 * write a message, and what is seen is what any subscriber could have seen at that moment.
 */
export class OrderEvents {
  private readonly waiting = new Map<string, Waiter>();
  /** What happened to an order before anybody asked: it can be approved before the client has the answer to its request. */
  private readonly early = new Map<string, OrderEvent>();

  private constructor(private readonly connection: NatsConnection) {}

  static async open(natsUrl: string): Promise<OrderEvents> {
    const events = new OrderEvents(await connect({ ...natsAddress(natsUrl), name: 'bench-load' }));
    events.connection.subscribe('ftgo.orderservice.Order', {
      callback: (error, message) => {
        if (error === null) events.take(message);
      },
    });
    await events.connection.flush();
    return events;
  }

  /**
   * The first of these events that happens to the order from now on, or has happened and was not asked for.
   *
   * @throws Error when none comes within a minute
   */
  next(orderId: string, names: readonly string[]): Promise<OrderEvent> {
    const early = this.early.get(orderId);
    this.early.delete(orderId);
    if (early !== undefined && names.includes(early.name)) return Promise.resolve(early);
    return new Promise((resolve, reject) => {
      const lost = setTimeout(() => {
        this.waiting.delete(orderId);
        reject(new Error(`order ${orderId}: no ${names.join(' or ')} within ${patienceMs / 1000} s`));
      }, patienceMs);
      const heard = (event: OrderEvent) => {
        clearTimeout(lost);
        resolve(event);
      };
      this.waiting.set(orderId, { names, resolve: heard });
    });
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private take(message: Msg): void {
    const name = message.headers?.get('ce-type') ?? '';
    if (!endings.has(name)) return;
    const orderId = message.headers?.get('ce-subject') ?? '';
    const event = { name, payload: message.json<unknown>() };
    const waiter = this.waiting.get(orderId);
    if (waiter === undefined) {
      this.early.set(orderId, event);
    } else if (waiter.names.includes(name)) {
      this.waiting.delete(orderId);
      waiter.resolve(event);
    }
  }
}
