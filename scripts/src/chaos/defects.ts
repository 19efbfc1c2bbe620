/** A mistake that is planted into the running processes, to prove that the audit sees what it would do. */
export interface Defect {
  readonly name: string;
  readonly what: string;
  /** The processes that have it, by id; all of them if left out. */
  readonly processes?: readonly string[];
  /** The faults that bring it to light, by name; none where the mistake shows by itself. */
  readonly faults: readonly string[];
  /** What those faults are done to; anything if left out. */
  readonly targets?: readonly string[];
  readonly orders: number;
  readonly faultCount: number;
}

const afterCommit = 'kill -9 between commit and acknowledgement';
const beforeCommit = 'kill -9 just before the commit';

export const defects: readonly Defect[] = [
  {
    name: 'inbox-off',
    what: 'a message that was handled before is handled again',
    faults: [afterCommit],
    // Elsewhere most messages that come again find their work done already, by the rules of the domain.
    targets: ['accounting-service'],
    orders: 60,
    faultCount: 14,
  },
  {
    name: 'ack-before-commit',
    what: 'messages are acknowledged before their effects are committed',
    faults: [beforeCommit],
    targets: ['delivery-service', 'order-history-service'],
    orders: 40,
    faultCount: 6,
  },
  {
    name: 'relay-confirms-early',
    what: 'the relay confirms to PostgreSQL what has merely arrived',
    processes: ['order-cdc'],
    faults: ['broker away, then kill -9'],
    targets: ['order-cdc', 'order-cdc-2'],
    orders: 40,
    faultCount: 6,
  },
  {
    name: 'relay-drops',
    what: 'the relay takes one message in forty for published that it never sent',
    processes: ['order-cdc', 'kitchen-cdc'],
    faults: [],
    orders: 30,
    faultCount: 0,
  },
  {
    name: 'outbox-after-commit',
    what: 'messages are written into the outbox after the transaction that causes them',
    faults: [afterCommit],
    targets: ['order-service', 'order-service-2', 'kitchen-service', 'kitchen-service-2'],
    orders: 40,
    faultCount: 6,
  },
  {
    name: 'idempotency-off',
    what: 'a request that is sent again with its Idempotency-Key is a new one',
    processes: ['order-service'],
    faults: [afterCommit],
    targets: ['order-service', 'order-service-2'],
    orders: 40,
    faultCount: 6,
  },
  {
    name: 'projection-ignores-versions',
    what: 'the order history takes the event that comes last for the newest',
    processes: ['order-history-service'],
    faults: [beforeCommit],
    targets: ['order-history-service'],
    orders: 60,
    faultCount: 6,
  },
  {
    name: 'compensation-forgotten',
    what: 'a saga that turns round leaves the ticket as it is',
    processes: ['order-service'],
    faults: [],
    orders: 40,
    faultCount: 0,
  },
  {
    name: 'leaks',
    what: 'a service leaves database connections open and a process behind',
    processes: ['consumer-service'],
    faults: [],
    orders: 20,
    faultCount: 0,
  },
];

export const defectNames: readonly string[] = defects.map(({ name }) => name);

export function defectNamed(name: string): Defect {
  const found = defects.find((defect) => defect.name === name);
  if (found === undefined) throw new Error(`there is no defect "${name}"`);
  return found;
}
