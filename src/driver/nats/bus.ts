/**
 * The bus over NATS JetStream: one stream per kind of event, many events per message.
 *
 * `publish` resolves when the stream has acked every message. It sends one message at a time: the
 * order, and correct detection of duplicates (`message.ts`), depend on it. It rejects within two
 * seconds per message, at once when there is no line, and queues nothing: its caller holds later
 * events. A stream keeps what a durable name has not acked, from before the name's first use if the
 * channel lists it; a full one refuses new messages. Events published again after the duplicate
 * window arrive twice. An unnamed subscriber is not a consumer: it gets messages as they are
 * published, before the stream has them, also those that the stream then drops as duplicates.
 *
 * Not promised: that acked messages survive a crash of NATS's machine (`docs/driver/nats.md`).
 */
import { createWorking } from '../../core/working.ts';
import type { Bus, BusHandler } from '../../flow/bus.ts';
import { followDurably } from './follow/durable-follower.ts';
import { followPassing } from './follow/passing-follower.ts';
import type { NatsConnection } from './line/connection.ts';
import { NATS_LIMITS, type NatsChannel, type NatsLimits } from './stream/channel.ts';
import { createDeadLetters } from './stream/dead-letters.ts';
import { createLetterCount } from './stream/letter-count.ts';
import { createPublisher } from './stream/publisher.ts';
import { createStreams } from './stream/streams.ts';
import { createTrimmer } from './stream/trimmer.ts';

export type NatsBusOptions = Partial<NatsLimits> & {
  /** Called with errors of handlers and of NATS; a durable name's handler gets its batch again. */
  readonly onError: (error: unknown) => void;
};

/** The connection stays open when the bus is disposed of: others may share it. */
export function openNatsBus<Event extends object>(
  connection: NatsConnection,
  channel: NatsChannel<Event>,
  { onError, ...wanted }: NatsBusOptions,
): Bus<Event> {
  const { clock, timers } = connection;
  const limits = { ...NATS_LIMITS, ...wanted };
  const streams = createStreams(channel, limits);
  const deadLetters = createDeadLetters({ connection, streams, channel });
  const shared = { connection, streams, channel, deadLetters, onError };
  const trimmer = createTrimmer(shared);
  const leaves = new Set<() => Promise<void>>();
  const working = createWorking();
  const publish = createPublisher({ ...shared, working: working.part() });

  function leaving(leave: () => Promise<void>): () => Promise<void> {
    leaves.add(leave);
    return async () => {
      leaves.delete(leave);
      await leave();
    };
  }

  async function follow(
    durableName: string,
    handler: BusHandler<Event>,
  ): Promise<() => Promise<void>> {
    // From now on nothing is deleted before this name has acked it. When that fails now, the
    // follower keeps trying, and reports the reason.
    if (connection.isUp()) {
      await streams.ensureDurable(connection.line(), durableName).catch(() => undefined);
    }
    trimmer.start();
    const { ackWaitMs } = limits;
    const place = { durableName, ackWaitMs, handler };
    return followDurably({ ...shared, ...place, working: working.part() });
  }

  return {
    publish,
    subscribe: async ({ durableName, ...follower }) =>
      leaving(
        durableName === null
          ? await followPassing({ ...shared, follower, working: working.part() })
          : await follow(durableName, follower.handler),
      ),
    deadLetters: createLetterCount({ ask: deadLetters.count, clock, timers, onError }),
    isWorking: () => working.isWorking() && !streams.areRefused(),
    [Symbol.asyncDispose]: async () => {
      trimmer.stop();
      await Promise.all(Array.from(leaves, (leave) => leave()));
    },
  };
}
