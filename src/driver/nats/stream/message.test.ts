import { expect, test } from 'bun:test';
import { eventOf, eventsOf } from '../../../../test/support/live-event.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import { messagesOf, readMessage } from './message.ts';

const idOf = ({ eventId }: ItemEvent) => eventId;

function cut(events: readonly ItemEvent[], maxPayload: number) {
  return Array.from(messagesOf(events, { idOf, maxPayload }));
}

test('a message holds whole events in order and is named by its last', () => {
  const events = eventsOf(1, 100);
  const messages = cut(events, 8_192);
  const read = messages.flatMap((message) => {
    if ('oversized' in message) throw new Error('none is too large');
    expect(message.data.length).toBeLessThanOrEqual(4_096);
    const held = readMessage(message.data, idOf);
    expect(message.id).toBe(held.at(-1)?.eventId ?? '');
    return held;
  });
  expect(messages.length).toBeGreaterThan(1);
  expect(read).toEqual(events);
});

test('a message holds no more than a thousand events', () => {
  expect(cut(eventsOf(1, 2_001), 64 * 1024 * 1024)).toHaveLength(3);
});

test('bytes are counted, not characters', () => {
  const wide = eventsOf(1, 20, { userId: '€'.repeat(300) });
  for (const message of cut(wide, 8_192)) {
    if ('data' in message) expect(message.data.length).toBeLessThanOrEqual(4_096);
  }
});

test('an event that no message can hold is reported, in its place', () => {
  const events = [eventOf(1), eventOf(2, { userId: 'x'.repeat(10_000) }), eventOf(3)];
  const messages = cut(events, 8_192);
  const names = messages.map((message) => ('id' in message ? message.id : idOf(message.oversized)));
  expect(names).toEqual(events.map(idOf));
});
