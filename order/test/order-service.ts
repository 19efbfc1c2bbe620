import { channels, restaurantapi } from '@ftgo/serviceapis';
import {
  newId,
  SagaSweeper,
  sagaMetrics,
  sagaReplies,
  sagaRoutes,
  type OutboxRow,
  type SagaInstance,
  type Transactor,
} from '@ftgo/shared-ts';
import { InMemoryDatabase, inMemoryTransactor, tables } from '@ftgo/shared-ts/in-memory';
import { createLogger, createMetrics } from '@ftgo/shared-ts/telemetry';
import {
  commandsIn,
  eventsIn,
  MessageDriver,
  repliesIn,
  testApp,
  testContext,
} from '@ftgo/shared-ts/testing';
import { orderCounters } from '../src/adapters/order-metrics';
import { inMemoryPorts } from '../src/adapters/ports';
import { createOrder, type OrderPorts } from '../src/application';
import type { PlacedOrder } from '../src/domain/order';
import { placed } from '../src/domain/decisions';
import { commandHandlers } from '../src/handlers/commands';
import { eventHandlers } from '../src/handlers/events';
import { routes } from '../src/handlers/http';
import { cancelOrderSaga } from '../src/sagas/cancel-order-saga';
import { createOrderSaga } from '../src/sagas/create-order-saga';
import { reviseOrderSaga } from '../src/sagas/revise-order-saga';
import { ajanta, home, ids, request } from './sample-orders';

const sagas = [createOrderSaga, cancelOrderSaga, reviseOrderSaga];

/** The whole order service in memory: its routes for supertest, its messages by a driver, its outbox to look into. */
export class OrderService {
  readonly database = new InMemoryDatabase();
  readonly metrics = createMetrics('order-service');
  private readonly sagaMetrics = sagaMetrics(this.metrics);
  readonly transactor: Transactor<OrderPorts> = inMemoryTransactor(
    this.database,
    'order-service',
    inMemoryPorts({ counters: orderCounters(this.metrics), sagas: this.sagaMetrics }),
  );
  readonly app = testApp([
    ...routes(this.transactor),
    ...sagaRoutes(sagas, this.transactor, this.sagaMetrics),
  ]);
  readonly messages = new MessageDriver('order-service', this.transactor, [
    ...commandHandlers,
    ...eventHandlers,
    ...sagas.map((saga) => sagaReplies<OrderPorts, unknown>(saga, this.sagaMetrics)),
  ]);
  private readonly sweeper = new SagaSweeper(
    sagas,
    this.transactor,
    this.sagaMetrics,
    createLogger({ serviceId: 'order-service', environment: 'test', level: 'silent' }),
  );

  /** The service with its messages flowing and Ajanta's menu known. */
  static async withAjanta(): Promise<OrderService> {
    const service = new OrderService();
    await service.messages.start();
    await service.messages.event(
      restaurantapi.RestaurantCreated,
      { id: ids.restaurant, version: 1 },
      { name: ajanta.name, address: home, menu: [...ajanta.menu] },
    );
    return service;
  }

  /** Places the sample order; its OrderCreated is in the outbox. */
  async place(): Promise<string> {
    const { id } = await this.transactor.execute(testContext(), (ports) =>
      createOrder(ports, { ...request, orderId: newId(), restaurantId: ids.restaurant }),
    );
    return id;
  }

  order(id: string): Promise<PlacedOrder> {
    return this.transactor.execute(testContext(), async ({ orders }) =>
      placed((await orders.load(id)).state, id),
    );
  }

  outbox(): readonly OutboxRow[] {
    return this.database.rows<OutboxRow>(tables.outbox);
  }

  commands(): OutboxRow[] {
    return commandsIn(this.outbox());
  }

  /** The command that a saga has sent last. */
  lastCommand(): OutboxRow {
    const command = this.commands().at(-1);
    if (command === undefined) throw new Error('no saga has sent a command');
    return command;
  }

  events(): ReturnType<typeof eventsIn> {
    return eventsIn(this.outbox()).filter(({ channel }) => channel === channels.events.order);
  }

  replies(): ReturnType<typeof repliesIn> {
    return repliesIn(this.outbox());
  }

  saga(id: string): SagaInstance | undefined {
    return this.sagas().find(({ sagaId }) => sagaId === id);
  }

  sagas(): readonly SagaInstance[] {
    return this.database.rows<SagaInstance>(tables.sagas);
  }

  /** Time passes. @returns how many sagas were overdue */
  sweep(now: Date): Promise<number> {
    return this.sweeper.sweep(now);
  }

  /** The value of a metric without labels, or summed over them. */
  async counted(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const metric = await this.metrics.registry.getSingleMetric(name)?.get();
    return (metric?.values ?? [])
      .filter((value) => Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted))
      .reduce((sum, { value }) => sum + value, 0);
  }
}
