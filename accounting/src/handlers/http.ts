import { http } from '@ftgo/serviceapis';
import { defineRoute, type Route, type Transactor } from '@ftgo/shared-ts';
import * as application from '../application';
import type { AccountingPorts } from '../application';

/** The accounting service's routes. */
export const routes = (transactor: Transactor<AccountingPorts>): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/accounts/:accountID',
    summary: "Look at an account; its id is the consumer's",
    params: http.accounting.Params,
    success: { status: 200, body: http.accounting.View },
    rejections: [404],
    handle: async ({ params, context }) => {
      const { name, status } = await transactor.execute(context, (ports) =>
        application.getAccount(ports, params.accountID),
      );
      return { id: params.accountID, name, enabled: status === 'Enabled' };
    },
  }),
  defineRoute({
    method: 'put',
    path: '/api/accounts/:accountID/disable',
    summary: 'Disable an account: no order is authorized, revised or reversed on it',
    params: http.accounting.Params,
    success: { status: 200, body: http.IdBody },
    rejections: [404, 409],
    handle: ({ params, context }) =>
      transactor.execute(context, (ports) => application.disableAccount(ports, params.accountID)),
  }),
  defineRoute({
    method: 'put',
    path: '/api/accounts/:accountID/enable',
    summary: 'Enable a disabled account again',
    params: http.accounting.Params,
    success: { status: 200, body: http.IdBody },
    rejections: [404, 409],
    handle: ({ params, context }) =>
      transactor.execute(context, (ports) => application.enableAccount(ports, params.accountID)),
  }),
];
