/**
 * Lets go of what every durable name has passed, at most once a second while something was passed.
 *
 * The stream is the only judge of who has passed what: all of its durable names count, also those made
 * by hand, and nothing goes while one of the channel's own is missing.
 *
 * Nothing goes either while a message is given and not acked. A purge at such a moment lets the server
 * forget which acks are missing: its floor then rises past them, and the next purge takes messages that
 * nobody has passed (seen on 2.9.10). Readers that keep up hold nothing most of the time, so a look that
 * comes at a bad moment is soon followed by another; readers that do not need what is there.
 */
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsChannel } from './channel.ts';
import type { NatsConnection } from './connection.ts';
import type { Streams } from './streams.ts';

const PURGE_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 100;

export type Trimmer = {
  /** @param sequence of a message that was acked. */
  passed(sequence: number): void;
  stop(): void;
};

export type TrimmerParts = {
  readonly connection: NatsConnection;
  readonly streams: Streams;
  readonly channel: NatsChannel<never>;
  readonly onError: (error: unknown) => void;
};

export function startTrimmer({ connection, streams, channel, onError }: TrimmerParts): Trimmer {
  let newest = 0;
  let trimmedTo = 0;
  let trimmedAtMs = Number.NEGATIVE_INFINITY;
  let isTrimming = false;

  async function trim(): Promise<void> {
    const line = connection.line();
    const manager = await streams.ready(line);
    const floor = await passedByAll(manager, channel);
    if (floor === null) return;
    if (floor > trimmedTo) await manager.streams.purge(channel.stream, { seq: floor + 1 });
    trimmedTo = Math.max(floor, trimmedTo);
    trimmedAtMs = performance.now();
  }

  async function look(): Promise<void> {
    if (isTrimming || trimmedTo >= newest || !connection.isUp()) return;
    if (performance.now() - trimmedAtMs < PURGE_EVERY_MS) return;
    isTrimming = true;
    try {
      await trim();
    } catch (error) {
      onError(error);
    }
    isTrimming = false;
  }

  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    passed(sequence) {
      // A stream that was made anew counts from one again.
      if (sequence < trimmedTo) trimmedTo = 0;
      newest = sequence;
    },
    stop: () => clearInterval(timer),
  };
}

/** Up to where every durable name has acked; null while that cannot be told for sure. */
async function passedByAll(
  manager: JetStreamManager,
  channel: NatsChannel<never>,
): Promise<number | null> {
  const floors = new Map<string, number>();
  for await (const info of manager.consumers.list(channel.stream)) {
    const { durable_name } = info.config;
    if (durable_name === undefined) continue;
    if (info.num_ack_pending > 0) return null;
    floors.set(durable_name, info.ack_floor.stream_seq);
  }
  if (floors.size === 0 || channel.durables.some((name) => !floors.has(name))) return null;
  return Math.min(...floors.values());
}
