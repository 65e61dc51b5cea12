/**
 * Takes a durable name through its stream, at the pace of its handler.
 *
 * One process at a time gives its handler the order of publishing, also after a crash: what the one
 * before held and did not pass is waited for. Two processes with one name share the messages.
 */
import type { Msg } from '@nats-io/transport-node';
import type { WorkingPart } from '../../../core/working.ts';
import { type BusHandler, UnusableEventsError } from '../../../flow/bus.ts';
import type { NatsConnection, NatsLine } from '../line/connection.ts';
import type { NatsChannel } from '../stream/channel.ts';
import type { DeadLetter, DeadLetters } from '../stream/dead-letters.ts';
import { readMessage } from '../stream/message.ts';
import type { Streams } from '../stream/streams.ts';
import { markOf, type Pull, startPull } from './pull.ts';
import { createStopping, type Stopping } from './stopping.ts';

/** Small messages are handed over together until they hold this many events. */
const EVENTS_PER_CALL = 5_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;
const LOOK_EVERY_MS = 250;

export type DurableFollowerParts<Event> = {
  readonly connection: NatsConnection;
  readonly streams: Streams;
  readonly channel: NatsChannel<Event>;
  readonly durableName: string;
  readonly ackWaitMs: number;
  readonly handler: BusHandler<Event>;
  readonly deadLetters: Pick<DeadLetters, 'put'>;
  readonly working: WorkingPart;
  readonly onError: (error: unknown) => void;
};

/** What is handed over at a time. */
type Call<Event> = {
  readonly messages: Msg[];
  readonly events: Event[];
  /** What is to be put aside and was not yet. */
  readonly letters: DeadLetter[];
  /** Whether the handler is done with the events. */
  isTaken: boolean;
};

/** @returns what ends it: resolves when the handler is not running any more. */
export function followDurably<Event>(parts: DurableFollowerParts<Event>): () => Promise<void> {
  const { connection, streams, channel, durableName, ackWaitMs, working, onError } = parts;
  const stopping = createStopping();
  let pull: Pull | null = null;
  let pauseMs = FIRST_PAUSE_MS;

  async function backOff(error: unknown): Promise<void> {
    onError(error);
    working.failed();
    await stopping.pause(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** @returns whether it is passed: not when this ends before the handler has taken it. */
  async function isHandled(call: Call<Event>): Promise<boolean> {
    for (;;) {
      try {
        await handle(call, parts);
        pauseMs = FIRST_PAUSE_MS;
        working.works();
        return true;
      } catch (error) {
        if (stopping.isStopping()) return false;
        await backOff(error);
      }
    }
  }

  async function passAll(open: Pull, messages: readonly Msg[]): Promise<void> {
    for (const call of callsOf(messages, channel)) {
      if (!(await isHandled(call))) return;
      // An ack without a line is lost, and the message would come again.
      if (!connection.isUp()) await Promise.race([connection.whenUp(), stopping.asked]);
      open.pass(call.messages);
    }
  }

  async function follow(line: NatsLine): Promise<void> {
    await streams.ensureDurable(line, durableName);
    working.works();
    await settled(line, { ...parts, stopping });
    if (stopping.isStopping()) return;
    const open = startPull({ line, stream: channel.stream, durableName, ackWaitMs });
    pull = open;
    for (;;) {
      const messages = await open.take();
      if (messages.length === 0) break;
      await passAll(open, messages);
    }
    pull = null;
    const failure = open.close();
    // The connection may be closed next: the last acks are to be out by then.
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
        await backOff(error);
      }
    }
  }

  const done = run();
  return async () => {
    stopping.stop();
    await pull?.end(stopping.overdue);
    await done;
    working.works();
  };
}

/** Waits until nobody holds messages before those that come, as far as that can be waited for. */
async function settled(
  line: NatsLine,
  {
    streams,
    channel,
    durableName,
    ackWaitMs,
    stopping,
  }: DurableFollowerParts<never> & { readonly stopping: Stopping },
): Promise<void> {
  const manager = await streams.ready(line);
  const endMs = performance.now() + ackWaitMs;
  while (!stopping.isStopping() && performance.now() < endMs) {
    const { num_ack_pending } = await manager.consumers.info(channel.stream, durableName);
    if (num_ack_pending === 0) return;
    await stopping.pause(LOOK_EVERY_MS);
  }
}

/** May be called again after a failure: what was done is not done again. */
async function handle<Event>(call: Call<Event>, parts: DurableFollowerParts<Event>): Promise<void> {
  if (!call.isTaken) await give(call, parts);
  for (let next = call.letters[0]; next !== undefined; next = call.letters[0]) {
    await parts.deadLetters.put(next);
    call.letters.shift();
  }
}

async function give<Event>(
  call: Call<Event>,
  { handler, channel, onError }: DurableFollowerParts<Event>,
): Promise<void> {
  try {
    if (call.events.length > 0) await handler(call.events);
  } catch (error) {
    if (!(error instanceof UnusableEventsError)) throw error;
    onError(error);
    const named = new Set(error.eventIds);
    for (const event of call.events) {
      const id = channel.idOf(event);
      if (named.has(id)) call.letters.push({ id, reason: error, data: textOf(event) });
    }
  }
  call.isTaken = true;
}

/** What could be read may still be nested too deep to be written. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event);
  } catch (error) {
    return String(error);
  }
}

function* callsOf<Event>(
  messages: readonly Msg[],
  { idOf }: NatsChannel<Event>,
): Generator<Call<Event>> {
  let call = emptyCall<Event>();
  for (const message of messages) {
    call.messages.push(message);
    try {
      for (const event of readMessage(message.data, idOf)) call.events.push(event);
    } catch (error) {
      call.letters.push({ id: markOf(message), reason: error, data: message.data });
    }
    if (call.events.length < EVENTS_PER_CALL) continue;
    yield call;
    call = emptyCall();
  }
  if (call.messages.length > 0) yield call;
}

function emptyCall<Event>(): Call<Event> {
  return { messages: [], events: [], letters: [], isTaken: false };
}
