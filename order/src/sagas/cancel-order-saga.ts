import { accountingapi, kitchenapi, orderapi } from '@ftgo/serviceapis';
import { send, type SagaDefinition } from '@ftgo/shared-ts/saga';

/** What the saga knows of the order. */
export interface CancelOrderSagaData {
  readonly orderId: string;
  readonly consumerId: string;
  readonly restaurantId: string;
  readonly ticketId: string;
  readonly orderTotal: number;
}

const ticket = ({ ticketId, restaurantId }: CancelOrderSagaData) => ({ ticketId, restaurantId });

/** Cancels an approved order everywhere, or leaves it approved everywhere. */
export const cancelOrderSaga: SagaDefinition<CancelOrderSagaData> = {
  name: 'orderservice.CancelOrderSaga',
  steps: [
    {
      name: 'hold the order',
      compensation: ({ orderId }) => send(orderapi.UndoCancelOrder, { orderId }),
    },
    {
      name: 'hold the ticket',
      action: (data) => send(kitchenapi.BeginCancelTicket, ticket(data)),
      compensation: (data) => send(kitchenapi.UndoCancelTicket, ticket(data)),
      undoInDoubt: (data) => send(kitchenapi.UndoCancelTicket, ticket(data)),
    },
    {
      // What was given back can't be taken again: once this is asked for, the saga waits for the answer.
      name: 'reverse the authorization',
      pivot: true,
      action: ({ consumerId, orderId, orderTotal }) =>
        send(accountingapi.ReverseAuthorizeOrder, { consumerId, orderId, orderTotal }),
    },
    {
      name: 'cancel the ticket',
      action: (data) => send(kitchenapi.ConfirmCancelTicket, ticket(data)),
    },
    {
      name: 'cancel the order',
      action: ({ orderId }) => send(orderapi.ConfirmCancelOrder, { orderId }),
    },
  ],
};
