/** The contract of a bus; every driver passes the same suite. `reopen` keeps what was stored. */
import { describe, expect, test } from 'bun:test';
import { until } from '../../deploy/local/until.ts';
import { eventsOf } from '../../test/support/live-event.ts';
import type { ItemEvent } from '../live/rule/item.ts';
import { type Bus, type BusHandler, UnusableEventsError } from './bus.ts';

export type OpenedBus = { readonly bus: Bus<ItemEvent>; reopen(): Promise<OpenedBus> };

function follow(
  bus: Bus<ItemEvent>,
  durableName: string | null,
  handler: BusHandler<ItemEvent>,
): Promise<() => Promise<void>> {
  return bus.subscribe({ durableName, handler });
}

/** A handler that collects events, and a promise that resolves when it has `count` of them. */
function collector(count: number) {
  const seen: ItemEvent[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const handler = (events: readonly ItemEvent[]) => {
    seen.push(...events);
    if (seen.length >= count) resolve();
  };
  return { seen, handler, done: promise };
}

export function busContract(name: string, open: () => Promise<OpenedBus>): void {
  describe(name, () => {
    test('delivers the events to every subscriber in the order of publishing', async () => {
      const { bus } = await open();
      await using _bus = bus;
      const [durable, passing] = [collector(6), collector(6)];
      await follow(bus, 'one', durable.handler);
      await follow(bus, null, passing.handler);
      await bus.publish(eventsOf(1, 4));
      await bus.publish(eventsOf(5, 6));
      await Promise.all([durable.done, passing.done]);
      expect(durable.seen).toEqual(eventsOf(1, 6));
      expect(passing.seen).toEqual(eventsOf(1, 6));
    });

    test('keeps events that are published while a durable subscriber is away', async () => {
      const opened = await open();
      const first = collector(2);
      const leave = await follow(opened.bus, 'one', first.handler);
      await opened.bus.publish(eventsOf(1, 2));
      await first.done;
      await leave();
      await opened.bus.publish(eventsOf(3, 5));
      const { bus } = await opened.reopen();
      await using _bus = bus;
      const second = collector(3);
      await follow(bus, 'one', second.handler);
      await second.done;
      expect(second.seen.slice(-3)).toEqual(eventsOf(3, 5));
    });

    test('redelivers a batch when the handler rejects, before anything else', async () => {
      const { bus } = await open();
      await using _bus = bus;
      const kept = collector(3);
      let failures = 2;
      await follow(bus, 'one', async (events) => {
        if (failures-- > 0) throw new Error('not now');
        kept.handler(events);
      });
      await bus.publish(eventsOf(1, 2));
      await bus.publish(eventsOf(3, 3));
      await kept.done;
      expect(kept.seen).toEqual(eventsOf(1, 3));
    });

    test('sets aside unusable events, and goes on with the next batch', async () => {
      const opened = await open();
      const rest = collector(2);
      await follow(opened.bus, 'one', (events) => {
        rest.handler(events.filter(({ seq }) => seq !== 2));
        const bad = events.filter(({ seq }) => seq === 2).map(({ eventId }) => eventId);
        if (bad.length > 0) throw new UnusableEventsError(bad);
      });
      await opened.bus.publish(eventsOf(1, 2));
      await opened.bus.publish(eventsOf(3, 3));
      await rest.done;
      expect(rest.seen).toEqual([...eventsOf(1, 1), ...eventsOf(3, 3)]);
      await until('it is set aside', async () => (await opened.bus.deadLetters()) === 1);
      const { bus } = await opened.reopen();
      await using _bus = bus;
      expect(await bus.deadLetters()).toBe(1);
    });

    test('is not working from the failure of a follower until it succeeds', async () => {
      const { bus } = await open();
      await using _bus = bus;
      const told: boolean[] = [];
      const done = Promise.withResolvers<void>();
      expect(bus.isWorking()).toBe(true);
      // The success of another follower does not hide it.
      await follow(bus, 'fine', () => undefined);
      await follow(bus, 'one', async () => {
        told.push(bus.isWorking());
        if (told.length < 3) throw new Error('not now');
        if (told.length === 3) await bus.publish(eventsOf(2, 2));
        else done.resolve();
      });
      await bus.publish(eventsOf(1, 1));
      await done.promise;
      expect(told).toEqual([true, false, false, true]);
    });

    test('reports the failure of an unnamed subscriber until it succeeds or leaves', async () => {
      const { bus } = await open();
      await using _bus = bus;
      const told: boolean[] = [];
      const leave = await follow(bus, null, ([event]) => {
        told.push(bus.isWorking());
        if (event?.seq !== 2) throw new Error('broken');
      });
      for (const seq of [1, 2, 3]) {
        await bus.publish(eventsOf(seq, seq));
        await until('it has come', async () => told.length === seq);
      }
      expect(told).toEqual([true, false, true]);
      expect(bus.isWorking()).toBe(false);
      await leave();
      expect(bus.isWorking()).toBe(true);
    });

    test('lets no subscriber hold up another or the publisher', async () => {
      const { bus } = await open();
      await using _bus = bus;
      const gate = Promise.withResolvers<void>();
      const quick = collector(2);
      await follow(bus, 'stuck', () => gate.promise);
      await follow(bus, null, () => Promise.reject(new Error('broken')));
      await follow(bus, 'quick', quick.handler);
      await bus.publish(eventsOf(1, 1));
      await bus.publish(eventsOf(2, 2));
      await quick.done;
      gate.resolve();
      expect(quick.seen).toEqual(eventsOf(1, 2));
    });

    test('delivers nothing to a subscriber that has left', async () => {
      const { bus } = await open();
      await using _bus = bus;
      const [left, stayed] = [collector(1), collector(1)];
      const leave = await follow(bus, null, left.handler);
      await follow(bus, null, stayed.handler);
      await leave();
      await bus.publish(eventsOf(1, 1));
      await stayed.done;
      expect(left.seen).toEqual([]);
    });
  });
}
