/** Publishes one message and waits, in bounded time, for its stream's ack. */
import { jetstream } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { NatsLine } from '../line/line.ts';

const PUBLISH_MS = 2_000;

export type Publication = {
  readonly stream: string;
  readonly subject: string;
  readonly id: string;
  readonly data: Uint8Array | string;
  readonly head?: MsgHdrs;
};

/** Rejects when the stream does not ack the message within two seconds. */
export async function publishTo(line: NatsLine, publication: Publication): Promise<void> {
  const { stream, subject, id, data, head } = publication;
  await jetstream(line.client).publish(subject, data, {
    msgID: id,
    expect: { streamName: stream },
    timeout: PUBLISH_MS,
    ...(head === undefined ? {} : { headers: head }),
  });
}
