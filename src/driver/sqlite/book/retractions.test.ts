/** A long history is counted again in pieces, with other work in between. */
import { expect, test } from 'bun:test';
import { definitionOf, units } from '../../../../test/support/live-item.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { openFiledBook } from '../../../../test/support/opened-live-file.ts';
import type { PlaceCommand } from '../../../live/port/item-book.ts';

const FINE = { increment: { kind: 'fixed', amountMicros: units(1) } } as const;

function commandOf(number: number): PlaceCommand {
  return {
    itemId: 'L1',
    bidId: `bid${number}`,
    eventId: `event${number}`,
    userId: `user${number % 5}`,
    amountMicros: units(50 + number),
    maxMicros: null,
    buyNow: false,
    idempotencyKey: null,
  };
}

test('a bid and an immediate get their turn while a removal counts, and count in it', async () => {
  const opened = await openFiledBook(createManualClock());
  await using book = opened.book;
  await book.open(definitionOf(FINE));
  const count = 3_000;
  for (let number = 0; number < count; number += 100) {
    const numbers = Array.from({ length: 100 }, (_, index) => number + index);
    await Promise.all(numbers.map((one) => book.place(commandOf(one))));
  }
  let isDone = false;
  let turns = 0;
  const turn = (): unknown => isDone || setImmediate(turn, turns++);
  turn();
  const unwanted = { userId: 'user4', ban: false };
  const removal = book.retract('L1', { unwanted, eventId: 'gone' }).finally(() => {
    isDone = true;
  });
  // From the removed bidder too: it came before the removal was decided.
  const placed = await Promise.all([count, count + 4].map((one) => book.place(commandOf(one))));
  expect(placed).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
  expect(isDone).toBe(false);
  expect(await removal).toMatchObject({ seq: count + 3, leaderId: 'user0' });
  expect(turns).toBeGreaterThan(3);
  expect(await book.read('L1')).toMatchObject({ bidCount: count - count / 5 + 1 });
});
