import { accountingapi, consumerapi, kitchenapi, orderapi, type values } from '@ftgo/serviceapis';
import { replyOf, send, type SagaDefinition } from '@ftgo/shared-ts/saga';

/** What the saga knows of the order. */
export interface CreateOrderSagaData {
  readonly orderId: string;
  readonly consumerId: string;
  readonly restaurantId: string;
  readonly orderTotal: number;
  readonly ticketDetails: readonly values.TicketLineItem[];
  /** From the kitchen's reply. */
  readonly ticketId?: string;
}

/** Gets a placed order approved, or rejected with nothing left behind. */
export const createOrderSaga: SagaDefinition<CreateOrderSagaData> = {
  name: 'orderservice.CreateOrderSaga',
  steps: [
    {
      name: 'place the order',
      compensation: ({ orderId }) => send(orderapi.RejectOrder, { orderId }),
    },
    {
      name: 'validate the consumer',
      action: ({ consumerId, orderId, orderTotal }) =>
        send(consumerapi.ValidateOrderByConsumer, { consumerId, orderId, orderTotal }),
    },
    {
      name: 'create the ticket',
      action: ({ orderId, restaurantId, ticketDetails }) =>
        send(kitchenapi.CreateTicket, { orderId, restaurantId, ticketDetails: [...ticketDetails] }),
      onReply: (data, reply) => ({
        ...data,
        ticketId: replyOf(kitchenapi.CreateTicketReply, reply).ticketId,
      }),
      compensation: (data) => send(kitchenapi.CancelCreateTicket, { ticketId: ticketOf(data) }),
      // The kitchen gives a ticket the id of the command that opens it, so it is known without the reply.
      undoInDoubt: (_data, commandId) => send(kitchenapi.CancelCreateTicket, { ticketId: commandId }),
    },
    {
      name: 'authorize the order',
      pivot: true,
      action: ({ consumerId, orderId, orderTotal }) =>
        send(accountingapi.AuthorizeOrder, { consumerId, orderId, orderTotal }),
      undoInDoubt: ({ consumerId, orderId, orderTotal }) =>
        send(accountingapi.ReverseAuthorizeOrder, { consumerId, orderId, orderTotal }),
    },
    {
      name: 'confirm the ticket',
      action: (data) => send(kitchenapi.ConfirmCreateTicket, { ticketId: ticketOf(data) }),
    },
    {
      name: 'approve the order',
      action: (data) => send(orderapi.ApproveOrder, { orderId: data.orderId, ticketId: ticketOf(data) }),
    },
  ],
};

function ticketOf({ orderId, ticketId }: CreateOrderSagaData): string {
  if (ticketId === undefined)
    throw new Error(`the kitchen has not replied with a ticket for order ${orderId}`);
  return ticketId;
}
