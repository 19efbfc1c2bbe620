import { channels } from '@ftgo/serviceapis';
import { newId, type Scope } from '@ftgo/shared-ts';
import type { RestaurantEvents } from '../application';

/** Puts the restaurants' events into the outbox, as the unit of work does for event-sourced aggregates. */
export const outboxRestaurantEvents = (scope: Scope): RestaurantEvents => ({
  publish: (restaurantId, version, event) =>
    scope.publish({
      id: newId(),
      channel: channels.events.restaurant,
      name: event.type,
      kind: 'event',
      partitionKey: restaurantId,
      attributes: { subject: restaurantId, sequence: String(version) },
      payload: event.data,
    }),
});
