/** The contract of a log and its writer; every driver passes the same suite. */
import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../test/support/manual-clock.ts';
import type { Clock } from '../core/clock.ts';
import type { Log, LogEntry } from './log.ts';

/** A log of events that are numbered from 1. */
export type OpenedLog<Event> = AsyncDisposable & {
  readonly log: Log<Event>;
  /** Writes the next `count` events and returns when they are in the log. */
  append(count: number): Promise<void>;
  numberOf(event: Event): number;
  /** Closes this log and opens the same store as the next process would. */
  reopen(): Promise<OpenedLog<Event>>;
};

const ALL = { limit: 1_000, waitMs: 0 };

export function logContract<Event>(
  name: string,
  open: (clock: Clock) => Promise<OpenedLog<Event>>,
): void {
  describe(name, () => {
    const numbers = ({ numberOf }: OpenedLog<Event>, entries: readonly LogEntry<Event>[]) =>
      entries.map(({ event }) => numberOf(event));

    test('returns each event once, in order, with rising positions', async () => {
      await using opened = await open(createManualClock());
      const { log } = opened;
      await opened.append(5);
      const entries = [...(await log.read({ limit: 2, waitMs: 0 })), ...(await log.read(ALL))];
      expect(numbers(opened, entries)).toEqual([1, 2, 3, 4, 5]);
      const positions = entries.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].toSorted((left, right) => left - right));
      expect(await log.read(ALL)).toEqual([]);
    });

    test('returns events that are appended later', async () => {
      await using opened = await open(createManualClock());
      await opened.append(2);
      await opened.log.read(ALL);
      await opened.append(3);
      expect(numbers(opened, await opened.log.read(ALL))).toEqual([3, 4, 5]);
    });

    test('wakes a reader that waits', async () => {
      await using opened = await open(createManualClock());
      const reading = opened.log.read({ limit: 10, waitMs: 60_000 });
      await opened.append(1);
      expect(numbers(opened, await reading)).toEqual([1]);
    });

    test('after a restart returns unacked events again, then newer ones', async () => {
      const before = await open(createManualClock());
      await before.append(5);
      const [, second] = await before.log.read(ALL);
      await before.log.ack(second?.position ?? 0);
      await using opened = await before.reopen();
      await opened.append(2);
      expect(numbers(opened, await opened.log.read(ALL))).toEqual([3, 4, 5, 6, 7]);
    });

    test('an ack below an earlier one changes nothing', async () => {
      const before = await open(createManualClock());
      await before.append(3);
      const [first, , third] = await before.log.read(ALL);
      await before.log.ack(third?.position ?? 0);
      await before.log.ack(first?.position ?? 0);
      expect((await before.log.backlog()).events).toBe(0);
      await using opened = await before.reopen();
      expect(await opened.log.read(ALL)).toEqual([]);
    });

    test('goes on after the trimmed events', async () => {
      const before = await open(createManualClock());
      await before.append(3);
      const last = (await before.log.read(ALL)).at(-1)?.position ?? 0;
      await before.log.ack(last);
      await before.append(1);
      await using opened = await before.reopen();
      const entries = await opened.log.read(ALL);
      expect(numbers(opened, entries)).toEqual([4]);
      expect(entries[0]?.position).toBeGreaterThan(last);
    });

    test('reports how many events are not acked, and since when', async () => {
      const clock = createManualClock();
      await using opened = await open(clock);
      const { log } = opened;
      expect(await log.backlog()).toEqual({ events: 0, oldestAtMs: null });
      const firstMs = clock.nowMs();
      await opened.append(1);
      clock.advance(50);
      await opened.append(2);
      expect(await log.backlog()).toEqual({ events: 3, oldestAtMs: firstMs });
      const [entry] = await log.read(ALL);
      await log.ack(entry?.position ?? 0);
      expect(await log.backlog()).toEqual({ events: 2, oldestAtMs: firstMs + 50 });
    });
  });
}
