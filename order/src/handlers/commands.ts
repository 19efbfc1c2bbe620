import { orderapi } from '@ftgo/serviceapis';
import { onCommand, successWith, type MessageHandler } from '@ftgo/shared-ts';
import * as application from '../application';
import type { OrderPorts } from '../application';

/** The commands that the order service carries out; they come from its own sagas, but for the first steps of cancel and revise, which those take with the request. */
export const commandHandlers: readonly MessageHandler<OrderPorts>[] = [
  onCommand(orderapi.ApproveOrder, async (ports, { payload }) => {
    await application.approveOrder(ports, payload);
  }),
  onCommand(orderapi.RejectOrder, async (ports, { payload, attributes }) => {
    await application.rejectOrder(ports, payload, attributes['failure']);
  }),
  onCommand(orderapi.BeginCancelOrder, async (ports, { payload }) => {
    await application.beginCancelOrder(ports, payload);
  }),
  onCommand(orderapi.UndoCancelOrder, async (ports, { payload }) => {
    await application.undoCancelOrder(ports, payload);
  }),
  onCommand(orderapi.ConfirmCancelOrder, async (ports, { payload }) => {
    await application.confirmCancelOrder(ports, payload);
  }),
  onCommand(orderapi.BeginReviseOrder, async (ports, { payload }) => {
    const order = await application.beginReviseOrder(ports, payload);
    if (order.status !== 'RevisionPending') throw new Error(`order ${payload.orderId} is ${order.status}`);
    return successWith(orderapi.BeginReviseOrderReply, { revisedOrderTotal: order.revision.newOrderTotal });
  }),
  onCommand(orderapi.UndoReviseOrder, async (ports, { payload }) => {
    await application.undoReviseOrder(ports, payload);
  }),
  onCommand(orderapi.ConfirmReviseOrder, async (ports, { payload }) => {
    await application.confirmReviseOrder(ports, payload);
  }),
];
