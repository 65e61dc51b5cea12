/**
 * Publishes events as messages, one after another, and sets aside events that no message can hold.
 */
import type { WorkingPart } from '../../../core/working.ts';
import type { NatsConnection } from '../line/connection.ts';
import { maxPayloadOf, type NatsLine } from '../line/line.ts';
import type { NatsChannel } from './channel.ts';
import type { DeadLetters } from './dead-letters.ts';
import { messagesOf } from './message.ts';
import { publishTo } from './publish.ts';
import type { Streams } from './streams.ts';

export type PublisherParts<Event> = {
  readonly connection: NatsConnection;
  readonly streams: Streams;
  readonly channel: NatsChannel<Event>;
  readonly deadLetters: Pick<DeadLetters, 'put'>;
  readonly working: WorkingPart;
  readonly onError: (error: unknown) => void;
};

/** @returns a promise that resolves when the stream has acked every message */
export function createPublisher<Event extends object>(
  parts: PublisherParts<Event>,
): (events: readonly Event[]) => Promise<void> {
  const { connection, streams, channel, deadLetters, working, onError } = parts;
  /** The events already set aside: a retry after a refused message includes them again. */
  const aside = new WeakSet<Event>();

  async function publish(line: NatsLine, events: readonly Event[]): Promise<void> {
    const { stream, subject, idOf } = channel;
    try {
      await streams.ready(line);
      for (const message of messagesOf(events, { idOf, maxPayload: maxPayloadOf(line) })) {
        if ('oversized' in message) await putAside(message.oversized, message.bytes);
        else await publishTo(line, { stream, subject: `${subject}.batch`, ...message });
      }
    } catch (error) {
      streams.doubt(line);
      throw error;
    }
  }

  /** Such an event can never be published: it must not hold up later ones. */
  async function putAside(event: Event, bytes: number): Promise<void> {
    if (aside.has(event)) return;
    const id = channel.idOf(event);
    const reason = new RangeError(`event ${id} of ${bytes} bytes is too large for a message`);
    onError(reason);
    await deadLetters.put({ id, reason, data: JSON.stringify({ id, bytes }) });
    aside.add(event);
  }

  return async (events) => {
    if (events.length === 0) return;
    try {
      await publish(connection.line(), events);
      working.works();
    } catch (error) {
      working.failed();
      throw error;
    }
  };
}
