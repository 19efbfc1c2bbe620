import { newId } from '@ftgo/shared-ts';
import {
  approveOrder,
  cancelOrder,
  countSagasUnderWay,
  createOrder,
  startCreateOrderSaga,
} from '../../src/application';
import { placed } from '../../src/domain/decisions';
import { ajanta, ids, request } from '../sample-orders';
import { eachOrderStore } from './each-order-store';

describe('the sagas under way', () => {
  eachOrderStore((run) => {
    const sagasUnderWay = (limit = 100) => run((ports) => countSagasUnderWay(ports, limit));
    const place = async (): Promise<string> => {
      const orderId = newId();
      await run(async (ports) => {
        await ports.restaurants.created(ajanta, 1);
        await createOrder(ports, { ...request, orderId, restaurantId: ids.restaurant });
      });
      return orderId;
    };

    it('are none at first', async () => {
      expect(await sagasUnderWay()).toBe(0);
    });

    it('include an order from its placing on, and once when its saga is under way', async () => {
      const orderId = await place();
      expect(await sagasUnderWay()).toBe(1);
      await run(async (ports) => {
        const order = placed((await ports.orders.load(orderId)).state, orderId);
        await startCreateOrderSaga(ports, orderId, order);
      });
      expect(await sagasUnderWay()).toBe(1);
    });

    it('include the sagas that the other requests start', async () => {
      const before = await sagasUnderWay();
      const orderId = await place();
      await run((ports) => approveOrder(ports, { orderId, ticketId: ids.ticket }));
      await run((ports) => cancelOrder(ports, { orderId, sagaId: newId() }));
      // The order that no saga has approved, and the saga that cancels it.
      expect(await sagasUnderWay()).toBe(before + 2);
    });

    it('are looked for among so many sagas and so many orders only, the newest', async () => {
      const cancelled = await place();
      await run((ports) => approveOrder(ports, { orderId: cancelled, ticketId: ids.ticket }));
      await run((ports) => cancelOrder(ports, { orderId: cancelled, sagaId: newId() }));
      await place();
      await place();
      expect(await sagasUnderWay(0)).toBe(0);
      expect(await sagasUnderWay(1)).toBe(2);
    });
  });
});
