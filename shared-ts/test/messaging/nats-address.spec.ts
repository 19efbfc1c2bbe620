import { natsAddress } from '../../src/messaging';

describe("The broker's address", () => {
  it('is a server where nobody is named', () => {
    expect(natsAddress('nats://127.0.0.1:4222')).toEqual({ servers: ['nats://127.0.0.1:4222'] });
  });

  it('names a user, who listens below its own name', () => {
    expect(natsAddress('nats://order-cdc:s%40crit%2F1@broker:4222')).toEqual({
      servers: ['nats://broker:4222'],
      user: 'order-cdc',
      pass: 's@crit/1',
      inboxPrefix: '_INBOX.order-cdc',
    });
  });

  it('is several servers, to which the same user comes', () => {
    expect(natsAddress('nats://one:4222, tls://order-cdc:123@two:4223')).toMatchObject({
      servers: ['nats://one:4222', 'tls://two:4223'],
      user: 'order-cdc',
      pass: '123',
    });
  });

  it('has a token where there is a name without a password', () => {
    expect(natsAddress('nats://t0ken@broker:4222')).toEqual({
      servers: ['nats://broker:4222'],
      token: 't0ken',
    });
  });
});
