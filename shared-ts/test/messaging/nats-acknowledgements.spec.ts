import type { JsMsg } from 'nats';
import { NatsAcknowledgements } from '../../src/messaging/nats-acknowledgements';

describe('acknowledgements', () => {
  let acknowledged: string[];
  let closed: boolean;
  let acknowledgements: NatsAcknowledgements;
  beforeEach(() => {
    jest.useFakeTimers();
    acknowledged = [];
    closed = false;
    acknowledgements = new NatsAcknowledgements({ isClosed: () => closed });
  });
  afterEach(() => jest.useRealTimers());

  const message = (name: string) => ({ ack: () => acknowledged.push(name) }) as unknown as JsMsg;

  it('of some milliseconds go out together, in their order', () => {
    acknowledgements.add(message('first'));
    jest.advanceTimersByTime(9);
    acknowledgements.add(message('second'));
    expect(acknowledged).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(acknowledged).toEqual(['first', 'second']);
  });

  it('that come later wait as long again', () => {
    acknowledgements.add(message('first'));
    jest.advanceTimersByTime(10);
    acknowledgements.add(message('second'));
    expect(acknowledged).toEqual(['first']);
    jest.advanceTimersByTime(10);
    expect(acknowledged).toEqual(['first', 'second']);
  });

  it('go out at once, and only once, where nothing more comes', () => {
    acknowledgements.add(message('only'));
    acknowledgements.flush();
    jest.advanceTimersByTime(10);
    expect(acknowledged).toEqual(['only']);
  });

  it('are left out when the connection is closed', () => {
    acknowledgements.add(message('late'));
    closed = true;
    jest.advanceTimersByTime(10);
    expect(acknowledged).toEqual([]);
  });
});
