/** The channels of the broker; the subject is the channel behind `ftgo.`. */
export const channels = {
  commands: {
    accounting: 'accountingservice',
    consumer: 'consumerservice',
    kitchen: 'kitchenservice',
    order: 'orderservice',
    restaurant: 'restaurantservice',
  },
  events: {
    consumer: 'consumerservice.Consumer',
    order: 'orderservice.Order',
    restaurant: 'restaurantservice.Restaurant',
    ticket: 'kitchenservice.Ticket',
  },
  /** A saga's replies arrive on `<saga name>.reply`. */
  sagaReplies: {
    createOrder: 'orderservice.CreateOrderSaga.reply',
    cancelOrder: 'orderservice.CancelOrderSaga.reply',
    reviseOrder: 'orderservice.ReviseOrderSaga.reply',
  },
} as const;

/** All sagas' replies of the order service, as one wildcard. */
export const orderSagaReplies = 'orderservice.*.reply';
