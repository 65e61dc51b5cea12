/**
 * Deletes messages that every durable name has acked, once per second while this process follows
 * one.
 *
 * Only the stream's own state counts: all of its durable names, also those made by hand, and
 * nothing is deleted while one of the channel's own is missing.
 *
 * Messages are deleted one by one. A purge would be one request, but while delivered messages are
 * unacked it makes the server forget which acks are missing: its floor then rises past them, and
 * the next purge deletes unacked messages (seen on 2.9.10).
 */
import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { every } from '../../../core/timer.ts';
import type { NatsConnection } from '../line/connection.ts';
import type { NatsChannel } from './channel.ts';
import type { Streams } from './streams.ts';

const LOOK_EVERY_MS = 1_000;
const AT_ONCE = 64;
/** The rest waits for the next look: others share the server. */
const MOST_A_LOOK = 10_000;
/** Also the code for a message that no longer exists. */
const DELETE_FAILED = 10057;

export type Trimmer = {
  /** Starts trimming: no other process may be there to do it. */
  start(): void;
  stop(): void;
};

export type TrimmerParts = {
  readonly connection: NatsConnection;
  readonly streams: Streams;
  readonly channel: NatsChannel<never>;
  readonly onError: (error: unknown) => void;
};

export function createTrimmer({ connection, streams, channel, onError }: TrimmerParts): Trimmer {
  const { stream } = channel;
  let stopLooking: (() => void) | undefined;
  let isTrimming = false;

  async function trim(): Promise<void> {
    const manager = await streams.ready(connection.line());
    const floor = await passedByAll(manager, channel);
    const { state } = await manager.streams.info(stream);
    const last = Math.min(floor, state.first_seq + MOST_A_LOOK - 1);
    for (let from = state.first_seq; from <= last; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, last - from + 1);
      await Promise.all(Array.from({ length: count }, (_, index) => drop(manager, from + index)));
    }
  }

  async function drop(manager: JetStreamManager, sequence: number): Promise<void> {
    try {
      await manager.streams.deleteMessage(stream, sequence, false);
    } catch (error) {
      // Another process that follows the same name was faster.
      if (!(error instanceof JetStreamApiError && error.code === DELETE_FAILED)) throw error;
    }
  }

  async function look(): Promise<void> {
    if (isTrimming || !connection.isUp()) return;
    isTrimming = true;
    try {
      await trim();
    } catch (error) {
      onError(error);
    }
    isTrimming = false;
  }

  return {
    start: () => {
      stopLooking ??= every(connection.timers, LOOK_EVERY_MS, () => void look());
    },
    stop: () => stopLooking?.(),
  };
}

/** The seq that every durable name has acked; zero while a required one is missing. */
async function passedByAll(
  manager: JetStreamManager,
  channel: NatsChannel<never>,
): Promise<number> {
  const floors = new Map<string, number>();
  for await (const { config, ack_floor } of manager.consumers.list(channel.stream)) {
    if (config.durable_name !== undefined) floors.set(config.durable_name, ack_floor.stream_seq);
  }
  if (floors.size === 0 || channel.durables.some((name) => !floors.has(name))) return 0;
  return Math.min(...floors.values());
}
