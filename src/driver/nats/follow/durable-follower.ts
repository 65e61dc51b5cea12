/**
 * Follows a stream under a durable name, at the pace of its handler.
 *
 * With one process at a time the handler gets the order of publishing, also after a crash: the
 * follower waits for messages that its predecessor held and did not ack. Two processes with one
 * name share the messages.
 */
import type { Msg } from '@nats-io/transport-node';
import { createBackoff } from '../../../core/backoff.ts';
import type { WorkingPart } from '../../../core/working.ts';
import type { NatsConnection } from '../line/connection.ts';
import type { NatsLine } from '../line/line.ts';
import type { Streams } from '../stream/streams.ts';
import { type Call, type CallParts, callsOf, handle } from './call.ts';
import { type Pull, startPull } from './pull.ts';
import { createStopping, type Stopping } from './stopping.ts';

const PAUSE = { firstMs: 20, longestMs: 2_000 };
const LOOK_EVERY_MS = 250;

export type DurableFollowerParts<Event> = CallParts<Event> & {
  readonly connection: NatsConnection;
  readonly streams: Streams;
  readonly durableName: string;
  readonly ackWaitMs: number;
  readonly working: WorkingPart;
};

type Following<Event> = DurableFollowerParts<Event> & {
  readonly stopping: Stopping;
  readonly trying: Trying;
};

/** @returns a function that ends it, and resolves when the handler is no longer running. */
export function followDurably<Event>(parts: DurableFollowerParts<Event>): () => Promise<void> {
  const { connection, streams, durableName, working } = parts;
  const stopping = createStopping(connection.timers);
  const following = { ...parts, stopping, trying: createTrying(parts, stopping) };
  let pull: Pull | null = null;

  async function follow(line: NatsLine): Promise<void> {
    await streams.ensureDurable(line, durableName);
    working.works();
    await settled(line, following);
    if (stopping.isStopping()) return;
    const { timers } = connection;
    const open = startPull({ ...parts, line, timers, stream: parts.channel.stream });
    pull = open;
    await passThrough(open, following);
    pull = null;
    const failure = open.close();
    // The connection may be closed next: the last acks must be sent by then.
    const flushed = line.client.flush().catch(() => undefined);
    await Promise.race([flushed, line.broken, stopping.overdue]);
    if (failure !== null) throw failure;
  }

  async function run(): Promise<void> {
    while (!stopping.isStopping()) {
      const line = await Promise.race([connection.whenUp(), stopping.asked]);
      if (line === null) return;
      try {
        await follow(line);
      } catch (error) {
        streams.doubt(line);
        await following.trying.failed(error);
      }
    }
  }

  const done = run();
  return async () => {
    stopping.stop();
    await pull?.end(stopping.overdue);
    await done;
    stopping.ended();
    working.works();
  };
}

type Trying = {
  succeeded(): void;
  /** Resolves when the next try may start. */
  failed(error: unknown): Promise<void>;
};

function createTrying(
  { working, onError }: Pick<DurableFollowerParts<never>, 'working' | 'onError'>,
  stopping: Stopping,
): Trying {
  const backoff = createBackoff(PAUSE);
  return {
    succeeded() {
      backoff.reset();
      working.works();
    },
    async failed(error) {
      onError(error);
      working.failed();
      await stopping.pause(backoff.nextMs());
    },
  };
}

/** Until the pull is over. */
async function passThrough<Event>(open: Pull, following: Following<Event>): Promise<void> {
  for (;;) {
    const messages = await open.take();
    if (messages.length === 0) return;
    await passAll(open, messages, following);
  }
}

async function passAll<Event>(
  open: Pull,
  messages: readonly Msg[],
  following: Following<Event>,
): Promise<void> {
  const { connection, channel, stopping } = following;
  for (const call of callsOf(messages, channel)) {
    if (!(await isHandled(call, following))) return;
    // An ack without a line is lost, and the message would be redelivered.
    if (!connection.isUp()) await Promise.race([connection.whenUp(), stopping.asked]);
    open.pass(call.messages);
  }
}

/** @returns whether the batch is done: not when the follower ends before the handler accepts it. */
async function isHandled<Event>(call: Call<Event>, following: Following<Event>): Promise<boolean> {
  const { stopping, trying } = following;
  for (;;) {
    try {
      await handle(call, following);
      trying.succeeded();
      return true;
    } catch (error) {
      if (stopping.isStopping()) return false;
      await trying.failed(error);
    }
  }
}

/** Waits, within a bound, until no other subscriber holds earlier messages. */
async function settled(
  line: NatsLine,
  { connection, streams, channel, durableName, ackWaitMs, stopping }: Following<never>,
): Promise<void> {
  const { clock } = connection;
  const manager = await streams.ready(line);
  const endMs = clock.elapsedMs() + ackWaitMs;
  while (!stopping.isStopping() && clock.elapsedMs() < endMs) {
    const { num_ack_pending } = await manager.consumers.info(channel.stream, durableName);
    if (num_ack_pending === 0) return;
    await stopping.pause(LOOK_EVERY_MS);
  }
}
