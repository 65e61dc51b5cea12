/**
 * Lets go of what every durable name has passed, once a second while something was passed.
 *
 * The stream is the only judge of who has passed what: all of its durable names count, also those made
 * by hand, and nothing goes while one of the channel's own is missing.
 */
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsChannel } from './channel.ts';
import type { NatsConnection } from './connection.ts';
import type { Streams } from './streams.ts';

const LOOK_EVERY_MS = 1_000;

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
  let isTrimming = false;

  async function trim(): Promise<void> {
    const line = connection.line();
    const manager = await streams.ready(line);
    const floor = await ackFloor(manager, channel);
    if (floor <= trimmedTo) return;
    await manager.streams.purge(channel.stream, { seq: floor + 1 });
    trimmedTo = floor;
  }

  async function look(): Promise<void> {
    if (isTrimming || trimmedTo >= newest || !connection.isUp()) return;
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

/** Up to where every durable name has acked; zero while one that must be there is not. */
async function ackFloor(manager: JetStreamManager, channel: NatsChannel<never>): Promise<number> {
  const floors = new Map<string, number>();
  for await (const { name, config, ack_floor } of manager.consumers.list(channel.stream)) {
    if (config.durable_name !== undefined) floors.set(name, ack_floor.stream_seq);
  }
  if (floors.size === 0 || channel.durables.some((name) => !floors.has(name))) return 0;
  return Math.min(...floors.values());
}
