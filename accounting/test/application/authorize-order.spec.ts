import { newId } from '@ftgo/shared-ts';
import * as application from '../../src/application';

it.each(['authorizeOrder', 'reviseAuthorizeOrder', 'reverseAuthorizeOrder'] as const)(
  '%s loads the account and the authorization side by side',
  (name) => {
    const unanswered = () => new Promise<never>(() => undefined);
    const ports = {
      accounts: { load: jest.fn(unanswered) },
      authorizations: { update: jest.fn(unanswered) },
    };
    const command = { consumerId: newId(), orderId: newId(), orderTotal: 1200 };
    void application[name](ports as unknown as application.AccountingPorts, command, newId());
    expect(ports.accounts.load).toHaveBeenCalled();
    expect(ports.authorizations.update).toHaveBeenCalled();
  },
);
