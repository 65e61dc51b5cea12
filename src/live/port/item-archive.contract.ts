/** The contract of an archive; every driver passes the same suite. */
import { describe, expect, test } from 'bun:test';
import { eventOf, eventsOf } from '../../../test/support/live-event.ts';
import type { Archive } from './item-archive.ts';

const PAGE = { itemId: 'L1', epoch: null, afterSeq: 0, limit: 100 };

export function archiveContract(name: string, open: () => Promise<Archive>): void {
  describe(name, () => {
    test('gives back what it was given, by rising seq', async () => {
      await using archive = await open();
      await archive.append([...eventsOf(3, 4), ...eventsOf(1, 2)]);
      expect(await archive.read(PAGE)).toEqual(eventsOf(1, 4));
    });

    test('takes an event that comes again once', async () => {
      await using archive = await open();
      await archive.append(eventsOf(1, 3));
      await archive.append(eventsOf(2, 5));
      expect(await archive.read(PAGE)).toEqual(eventsOf(1, 5));
    });

    test('leaves out an event that has not arrived, and goes on behind it', async () => {
      await using archive = await open();
      await archive.append([eventOf(1), eventOf(2), eventOf(4)]);
      expect(await archive.read(PAGE)).toEqual([...eventsOf(1, 2), eventOf(4)]);
      expect(await archive.read({ ...PAGE, afterSeq: 2 })).toEqual([eventOf(4)]);
      await archive.append([eventOf(3)]);
      expect(await archive.read({ ...PAGE, afterSeq: 2 })).toEqual(eventsOf(3, 4));
    });

    test('keeps the names of bidders as they are', async () => {
      await using archive = await open();
      const names = ['auth0|64f1', "a'; --", 'Zoë "the" \\', '[1,2]', '用户 👩‍🚀', 'é'.repeat(128)];
      const events = names.map((userId, index) => eventOf(index + 1, { userId }));
      await archive.append(events);
      expect(await archive.read(PAGE)).toEqual(events);
    });

    test('gives pages', async () => {
      await using archive = await open();
      await archive.append(eventsOf(1, 9));
      expect(await archive.read({ ...PAGE, afterSeq: 4, limit: 3 })).toEqual(eventsOf(5, 7));
    });

    test('keeps items and epochs apart, and gives the newest epoch unless asked', async () => {
      await using archive = await open();
      const later = eventsOf(1, 1, { epoch: 'another' });
      const other = eventsOf(1, 2, { itemId: 'L2' });
      await archive.append([...eventsOf(1, 2), ...other, ...later]);
      await archive.append(eventsOf(3, 3));
      expect(await archive.read(PAGE)).toEqual(later);
      expect(await archive.read({ ...PAGE, epoch: 'epoch1' })).toEqual(eventsOf(1, 3));
      expect(await archive.read({ ...PAGE, itemId: 'L2' })).toEqual(other);
      expect(await archive.read({ ...PAGE, itemId: 'unknown' })).toEqual([]);
    });
  });
}
