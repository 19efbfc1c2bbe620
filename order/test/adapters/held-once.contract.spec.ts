import { newId, Rejection } from '@ftgo/shared-ts';
import { approveOrder, cancelOrder, createOrder, getOrder, reviseOrder } from '../../src/application';
import { ajanta, ids, request } from '../sample-orders';
import { eachOrderStore } from './each-order-store';

const codeOf = (reason: unknown): unknown => (reason instanceof Rejection ? reason.code : reason);

describe('an approved order that many want to cancel or revise at once', () => {
  eachOrderStore((run) => {
    it('is held by one of them, and the others are told so', async () => {
      const orderId = newId();
      await run(async (ports) => {
        await ports.restaurants.created(ajanta, 1);
        await createOrder(ports, { ...request, orderId, restaurantId: ids.restaurant });
        await approveOrder(ports, { orderId, ticketId: ids.ticket });
      });
      const wishes = Array.from({ length: 8 }, (_, index) =>
        run((ports): Promise<{ status: string }> => {
          const sagaId = newId();
          return index % 2 === 0
            ? cancelOrder(ports, { orderId, sagaId })
            : reviseOrder(ports, { orderId, sagaId, revisedQuantities: { lassi: 2 } });
        }),
      );
      const results = await Promise.allSettled(wishes);
      const granted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const refusals = results.flatMap((result) =>
        result.status === 'rejected' ? [codeOf(result.reason)] : [],
      );
      expect(granted).toHaveLength(1);
      expect(refusals).toEqual(Array.from({ length: 7 }, () => 'ORDER_STATE'));
      const order = await run((ports) => getOrder(ports, orderId));
      expect({ status: order.status }).toEqual(granted[0]);
    });
  });
});
