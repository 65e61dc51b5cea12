/**
 * Events as messages: a JSON array per message, as many events as its bytes allow.
 *
 * A message is named by its LAST event, and JetStream drops a message whose name it has seen within
 * the duplicate window. A restarted relay reads its outbox from the last ack on, and may cut it
 * differently. Publishing follows the order of the outbox and continues only when a message is
 * acked, so when the stream knows a name, it has everything up to that event: dropping another
 * message that ends there loses nothing. Named by its first event, a longer message would be
 * dropped in favour of a shorter one that starts with the same event, and its tail would be lost.
 */

/** Below the server's `max_payload` of 1 MiB; large enough to make the round trip negligible. */
const MESSAGE_BYTES = 256 * 1024;
const MESSAGE_EVENTS = 1_000;
/** The part of `max_payload` that is kept for the headers. */
export const HEADER_BYTES = 4 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export type EventMessage = { readonly id: string; readonly data: Uint8Array };
/** An event that no message can hold. */
export type Oversized<Event> = { readonly oversized: Event; readonly bytes: number };

/** @param maxPayload the server's, in bytes */
export function* messagesOf<Event>(
  events: readonly Event[],
  { idOf, maxPayload }: { idOf(event: Event): string; maxPayload: number },
): Generator<EventMessage | Oversized<Event>> {
  const mostBytes = maxPayload - HEADER_BYTES;
  const fullBytes = Math.min(MESSAGE_BYTES, mostBytes);
  let texts: string[] = [];
  let bytes = 0;
  let lastId = '';
  const message = () => ({ id: lastId, data: encoder.encode(`[${texts.join(',')}]`) });

  for (const event of events) {
    const text = JSON.stringify(event);
    // Counts the brackets around the first event too, so that the sum is never too low.
    const textBytes = Buffer.byteLength(text) + 2;
    const isTooLarge = textBytes > mostBytes;
    if (
      texts.length > 0 &&
      (isTooLarge || bytes + textBytes > fullBytes || texts.length >= MESSAGE_EVENTS)
    ) {
      yield message();
      texts = [];
      bytes = 0;
    }
    if (isTooLarge) {
      yield { oversized: event, bytes: textBytes };
      continue;
    }
    texts.push(text);
    bytes += textBytes;
    lastId = idOf(event);
  }
  if (texts.length > 0) yield message();
}

/** @throws TypeError with the reason when these bytes are not events. */
export function readMessage<Event>(
  data: Uint8Array,
  idOf: (event: Event) => string,
): readonly Event[] {
  const value: unknown = JSON.parse(decoder.decode(data));
  if (!Array.isArray(value)) throw new TypeError('a message is an array of events');
  for (const event of value) {
    if (!hasId(event, idOf)) throw new TypeError('an event of the message has no id');
  }
  return value as Event[];
}

function hasId<Event>(value: unknown, idOf: (event: Event) => string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const id: unknown = idOf(value as Event);
  return typeof id === 'string' && id !== '';
}
