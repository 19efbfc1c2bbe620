import type { MessageHandler } from '@ftgo/shared-ts';
import type { RestaurantPorts } from '../application';

/** The commands that the restaurant service carries out: none so far. What comes on its channel all the same is set aside as a dead letter. */
export const commandHandlers: readonly MessageHandler<RestaurantPorts>[] = [];
