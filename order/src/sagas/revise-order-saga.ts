import { accountingapi, kitchenapi, orderapi, type values } from '@ftgo/serviceapis';
import { send, type SagaDefinition } from '@ftgo/shared-ts/saga';

/** What the saga knows of the order and of what it is to become. */
export interface ReviseOrderSagaData {
  readonly orderId: string;
  readonly consumerId: string;
  readonly restaurantId: string;
  readonly ticketId: string;
  readonly revisedQuantities: values.RevisedQuantities;
  /** Cents. */
  readonly revisedOrderTotal: number;
}

const ticket = ({ ticketId, restaurantId }: ReviseOrderSagaData) => ({ ticketId, restaurantId });
const revision = (data: ReviseOrderSagaData) => ({
  ...ticket(data),
  revisedQuantities: data.revisedQuantities,
});

/** Changes an approved order's quantities everywhere, or leaves them everywhere. */
export const reviseOrderSaga: SagaDefinition<ReviseOrderSagaData> = {
  name: 'orderservice.ReviseOrderSaga',
  steps: [
    {
      name: 'hold the order',
      compensation: ({ orderId }) => send(orderapi.UndoReviseOrder, { orderId }),
    },
    {
      name: 'hold the ticket',
      action: (data) => send(kitchenapi.BeginReviseTicket, revision(data)),
      compensation: (data) => send(kitchenapi.UndoReviseTicket, ticket(data)),
      undoInDoubt: (data) => send(kitchenapi.UndoReviseTicket, ticket(data)),
    },
    {
      // The old total may not be had any more: once the new one is asked for, the saga waits for the answer.
      name: 'revise the authorization',
      pivot: true,
      action: ({ consumerId, orderId, revisedOrderTotal }) =>
        send(accountingapi.ReviseAuthorizeOrder, { consumerId, orderId, orderTotal: revisedOrderTotal }),
    },
    {
      name: 'revise the ticket',
      action: (data) => send(kitchenapi.ConfirmReviseTicket, revision(data)),
    },
    {
      name: 'revise the order',
      action: ({ orderId, revisedQuantities }) =>
        send(orderapi.ConfirmReviseOrder, { orderId, revisedQuantities }),
    },
  ],
};
