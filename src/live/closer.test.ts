import { describe, expect, test } from 'bun:test';
import { definitionOf } from '../../test/support/live-item.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { openLiveFileAt } from '../../test/support/opened-live-file.ts';
import { systemTimers as timers } from '../core/timer.ts';
import { startCloser } from './closer.ts';
import type { ItemBook } from './port/item-book.ts';

const ignore = () => undefined;

describe('the closer', () => {
  test('closes what fell due while nobody ran, once', async () => {
    const clock = createManualClock();
    await using file = openLiveFileAt(':memory:', clock);
    const { book, index, outbox } = file;
    await book.open(definitionOf({}, { closesAtMs: clock.nowMs() + 100 }));
    clock.advance(500);
    let made = 0;
    const nextEventId = () => `end${++made}`;
    const parts = { book, index, clock, timers, nextEventId, onError: ignore, lookEveryMs: 1 };
    const closers = [startCloser(parts), startCloser(parts)];
    const [entry] = await outbox.read({ limit: 10, waitMs: 5_000 });
    expect(entry?.event).toMatchObject({ type: 'close', itemId: 'L1', seq: 1 });
    await Promise.all(closers.map((closer) => closer.stop()));
    expect(await outbox.read({ limit: 10, waitMs: 0 })).toEqual([]);
  });

  test('closes an item when its time has come, not before', async () => {
    const clock = createManualClock();
    await using file = openLiveFileAt(':memory:', clock);
    const { book, index, outbox } = file;
    await book.open(definitionOf({}, { closesAtMs: clock.nowMs() + 100 }));
    const parts = { book, index, clock, timers, nextEventId: () => 'end', onError: ignore };
    const closer = startCloser({ ...parts, lookEveryMs: 1 });
    expect(await outbox.read({ limit: 1, waitMs: 20 })).toEqual([]);
    clock.advance(100);
    expect(await outbox.read({ limit: 1, waitMs: 5_000 })).toHaveLength(1);
    await closer.stop();
  });

  test('does not ask again at once for what the book finds not due yet', async () => {
    const clock = createManualClock();
    await using file = openLiveFileAt(':memory:', createManualClock());
    const closesAtMs = clock.nowMs() + 100;
    await file.book.open(definitionOf({}, { closesAtMs }));
    clock.advance(500);
    let asked = 0;
    const book = {
      close: (...ask: Parameters<ItemBook['close']>) => {
        asked += 1;
        return file.book.close(...ask);
      },
    };
    const parts = { book, index: file.index, clock, timers, nextEventId: () => 'end' };
    const closer = startCloser({ ...parts, onError: ignore, lookEveryMs: 40 });
    expect(await file.outbox.read({ limit: 1, waitMs: 100 })).toEqual([]);
    await closer.stop();
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(5);
  });
});
