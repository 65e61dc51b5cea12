/**
 * One call of a handler: its events, and the letters to set aside.
 *
 * Small messages are handed over together. After a failure a call can be repeated: it skips the
 * parts that are done.
 */
import type { Msg } from '@nats-io/transport-node';
import { type BusHandler, UnusableEventsError } from '../../../flow/bus.ts';
import type { NatsChannel } from '../stream/channel.ts';
import type { DeadLetter, DeadLetters } from '../stream/dead-letters.ts';
import { readMessage } from '../stream/message.ts';
import { markOf } from './pull.ts';

/** Small messages are combined up to this many events. */
const EVENTS_PER_CALL = 5_000;

export type Call<Event> = {
  readonly messages: Msg[];
  readonly events: Event[];
  /** The letters that are not set aside yet. */
  readonly letters: DeadLetter[];
  /** Whether the handler is done with the events. */
  isTaken: boolean;
};

export type CallParts<Event> = {
  readonly channel: NatsChannel<Event>;
  readonly handler: BusHandler<Event>;
  readonly deadLetters: Pick<DeadLetters, 'put'>;
  readonly onError: (error: unknown) => void;
};

export function* callsOf<Event>(
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

/** Can be called again after a failure: it skips the parts that are done. */
export async function handle<Event>(call: Call<Event>, parts: CallParts<Event>): Promise<void> {
  if (!call.isTaken) await give(call, parts);
  for (let next = call.letters[0]; next !== undefined; next = call.letters[0]) {
    await parts.deadLetters.put(next);
    call.letters.shift();
  }
}

async function give<Event>(
  call: Call<Event>,
  { handler, channel, onError }: CallParts<Event>,
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

/** An event that could be read may still be nested too deep to be written. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event);
  } catch (error) {
    return String(error);
  }
}
