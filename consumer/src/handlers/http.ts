import { http } from '@ftgo/serviceapis';
import { defineRoute, newId, type Route, type Transactor } from '@ftgo/shared-ts';
import * as application from '../application';
import type { ConsumerPorts } from '../application';

/** The consumer service's routes. */
export const routes = (transactor: Transactor<ConsumerPorts>): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/consumers',
    summary: 'Register a consumer, for whom accounting opens an account soon after',
    body: http.consumer.Register,
    idempotent: true,
    success: { status: 201, body: http.IdBody },
    handle: ({ body, context, idempotency }) => {
      const command: application.RegisterConsumer = { consumerId: newId(), name: body.name };
      return transactor.execute(context, (ports) => application.registerConsumer(ports, command), {
        idempotency,
      });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/consumers/:consumerID',
    summary: 'Look at a consumer',
    params: http.consumer.Params,
    success: { status: 200, body: http.consumer.View },
    rejections: [404],
    handle: async ({ params, context }) => {
      const { name } = await transactor.execute(context, (ports) =>
        application.getConsumer(ports, params.consumerID),
      );
      return { consumer_id: params.consumerID, name };
    },
  }),
  defineRoute({
    method: 'put',
    path: '/api/consumers/:consumerID/rename',
    summary: 'Give a consumer another name',
    params: http.consumer.Params,
    body: http.consumer.Rename,
    success: { status: 200, body: http.IdBody },
    rejections: [404],
    handle: ({ params, body, context }) =>
      transactor.execute(context, (ports) =>
        application.renameConsumer(ports, { consumerId: params.consumerID, name: body.name }),
      ),
  }),
];
