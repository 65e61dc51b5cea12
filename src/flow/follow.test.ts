import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { bidOf, definitionOf } from '../../test/support/live-item.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { openLiveFileAt, openTemporaryFolder } from '../../test/support/opened-live-file.ts';
import { systemTimers as timers } from '../core/timer.ts';
import { openSqliteBus } from '../driver/sqlite/bus.ts';
import { openSqliteArchive } from '../driver/sqlite/item-archive.ts';
import type { ItemBook } from '../live/port/item-book.ts';
import type { ItemEvent } from '../live/rule/item.ts';
import { startCarry } from './carry.ts';
import { startFollow } from './follow.ts';

function bids(book: ItemBook, count: number) {
  const places = Array.from({ length: count }, (_, index) => {
    const command = bidOf({ userId: 'ann', amount: 60 + index * 10 }, index);
    return book.place({ ...command, itemId: 'L1', idempotencyKey: null });
  });
  return Promise.all(places);
}

test('every event reaches the sink, though delivery fails at first', async () => {
  await using folder = await openTemporaryFolder();
  const clock = createManualClock();
  await using file = openLiveFileAt(join(folder.path, 'live.db'), clock);
  await using bus = openSqliteBus(join(folder.path, 'bus.db'), { timers, onError: () => {} });
  await using archive = openSqliteArchive(join(folder.path, 'archive.db'));
  const archived = Promise.withResolvers<void>();
  const append = async (events: readonly ItemEvent[]) => {
    await archive.append(events);
    if (events.some(({ seq }) => seq === 200)) archived.resolve();
  };
  const follow = await startFollow({ bus, durableName: 'archive', sink: { append } });
  let failures = 2;
  const errors: unknown[] = [];
  const deliver = async (events: readonly ItemEvent[]) => {
    if (failures-- > 0) throw new Error('not now');
    await bus.publish(events);
  };
  await file.book.open(definitionOf());
  await bids(file.book, 200);
  const onError = (error: unknown) => errors.push(error);
  const pace = { batchEvents: 50, paceMs: 1 };
  const carry = startCarry({ log: file.outbox, deliver, clock, timers, ...pace, onError });
  await archived.promise;
  await carry.stop();
  await follow.stop();
  const page = { itemId: 'L1', epoch: null, afterSeq: 0, limit: 1_000 };
  const events = await archive.read(page);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events).toHaveLength(200);
  expect(errors).toHaveLength(2);
  expect(await carry.lag()).toEqual({ events: 0, ageMs: 0 });
});
