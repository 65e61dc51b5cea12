/**
 * The bus over NATS JetStream: one stream a kind of event, many events a message.
 *
 * `publish` resolves when the stream has acked every message. It goes message by message: order, and
 * that none is dropped as a duplicate wrongly (`message.ts`), hang on it. It rejects within two seconds
 * a message, at once when there is no line, and keeps nothing for later: its caller holds what follows.
 * A stream keeps what a durable name has not passed, from before that name was first used if the
 * channel names it; a full one refuses what is published. What is published again after the duplicate
 * window comes twice. A subscriber without a name is no consumer: it gets the messages as they are
 * published, before the stream has them, also those that the stream then drops as duplicates.
 *
 * Not promised: that what is acked survives the crash of NATS's machine (`docs/driver/nats.md`).
 */
import type { Bus } from '../../port/bus.ts';
import { NATS_LIMITS, type NatsChannel, type NatsLimits } from './channel.ts';
import type { NatsConnection } from './connection.ts';
import { createDeadLetters } from './dead-letters.ts';
import { followDurably } from './durable-follower.ts';
import { messagesOf } from './message.ts';
import { followPassing } from './passing-follower.ts';
import { publishTo } from './publish.ts';
import { createStreams } from './streams.ts';
import { startTrimmer } from './trimmer.ts';

const MAX_PAYLOAD = 1024 * 1024;

export type NatsBusOptions = Partial<NatsLimits> & {
  /** Told what a handler threw and what NATS refused; the handler of a durable name gets its batch again. */
  readonly onError: (error: unknown) => void;
};

/** The connection stays open when the bus is disposed of: others may share it. */
export function openNatsBus<Event>(
  connection: NatsConnection,
  channel: NatsChannel<Event>,
  { onError, ...wanted }: NatsBusOptions,
): Bus<Event> {
  const limits = { ...NATS_LIMITS, ...wanted };
  const streams = createStreams(channel, limits);
  const deadLetters = createDeadLetters({ connection, streams, channel });
  const trimmer = startTrimmer({ connection, streams, channel, onError });
  const leaves = new Set<() => Promise<void>>();

  async function publish(events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    const line = connection.line();
    const { stream, subject, idOf } = channel;
    const maxPayload = line.client.info?.max_payload ?? MAX_PAYLOAD;
    try {
      await streams.ready(line);
      for (const message of messagesOf(events, { idOf, maxPayload })) {
        if ('oversizedId' in message) await putAside(message.oversizedId, message.bytes);
        else await publishTo(line, { stream, subject: `${subject}.batch`, ...message });
      }
    } catch (error) {
      streams.doubt(line);
      throw error;
    }
  }

  /** It can never be published: it must not hold up what is behind it. */
  async function putAside(id: string, bytes: number): Promise<void> {
    const reason = new RangeError(`event ${id} of ${bytes} bytes is too large for a message`);
    onError(reason);
    await deadLetters.put([{ id, reason, data: JSON.stringify({ id, bytes }) }]);
  }

  function leaving(leave: () => Promise<void>): () => Promise<void> {
    leaves.add(leave);
    return async () => {
      leaves.delete(leave);
      await leave();
    };
  }

  async function follow(
    durableName: string,
    handler: (events: readonly Event[]) => void | Promise<void>,
  ) {
    // Nothing that is published from now on is let go before this name has passed it.
    if (connection.isUp()) await streams.ensureDurable(connection.line(), durableName);
    const { ackWaitMs } = limits;
    const { passed } = trimmer;
    const parts = { connection, streams, channel, durableName, ackWaitMs, handler, deadLetters };
    return followDurably({ ...parts, passed, onError });
  }

  return {
    publish,
    subscribe: async ({ durableName, ...follower }) =>
      leaving(
        durableName === null
          ? await followPassing({ connection, channel, follower, onError })
          : await follow(durableName, follower.handler),
      ),
    deadLetters: deadLetters.count,
    [Symbol.asyncDispose]: async () => {
      trimmer.stop();
      await Promise.all(Array.from(leaves, (leave) => leave()));
    },
  };
}
