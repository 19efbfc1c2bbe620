import type { JsMsg } from 'nats';
import type { Delivery, HeaderList } from './broker';
import type { NatsAcknowledgements } from './nats-acknowledgements';
import { decodeHeaders } from './nats-headers';

/** What is used of the client library's message below its interface. */
interface ClientMessage {
  readonly msg: {
    /** Its headers' length in bytes; -1 where there are none. */
    readonly _msg: { readonly hdr: number };
    /** Headers and payload as they came. */
    readonly _rdata: Uint8Array;
  };
}

/** A message that JetStream delivers. */
export class NatsDelivery implements Delivery {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly deliveryCount: number;
  readonly streamSequence: number;

  constructor(
    private readonly message: JsMsg,
    private readonly acknowledgements: NatsAcknowledgements,
  ) {
    this.subject = message.subject;
    this.data = message.data;
    const { deliveryCount, streamSequence } = message.info;
    this.deliveryCount = deliveryCount;
    this.streamSequence = streamSequence;
  }

  /** Read each time: they are hardly ever asked for twice, and to keep them until the acknowledgement costs more than that. */
  get headers(): HeaderList {
    const { msg } = this.message as unknown as ClientMessage;
    return msg._msg.hdr > 0 ? decodeHeaders(msg._rdata.subarray(0, msg._msg.hdr)) : [];
  }

  ack(): void {
    this.acknowledgements.add(this.message);
  }

  nak(delay?: number): void {
    this.message.nak(delay);
  }

  working(): void {
    this.message.working();
  }
}
