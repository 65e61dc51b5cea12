import { describe, expect, test } from 'bun:test';
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { type Folder, openFolder } from '../../../../test/support/folder.ts';
import { definitionOf, units } from '../../../../test/support/live-item.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { openLiveFileAt } from '../../../../test/support/opened-live-file.ts';
import { systemTimers } from '../../../core/timer.ts';
import { openSqliteBus } from '../bus.ts';
import { openSqliteArchive } from '../item-archive.ts';
import { agreeOnLineage, LineageError } from './agreement.ts';
import { readThroughBranches } from './branched-archive.ts';

const clock = createManualClock();
const WELL = { ahead: [], begun: [] };
const ALL = { itemId: 'L1', afterSeq: 0, limit: 100 };

/** The files of a folder as a node has them, and a hand that carries events from one to the next. */
async function open(folder: Folder) {
  await using opened = new AsyncDisposableStack();
  const file = opened.use(openLiveFileAt(folder.path('live.db'), clock));
  const onError = (error: unknown) => expect(error).toBeUndefined();
  const bus = opened.use(openSqliteBus(folder.path('bus.db'), { onError, timers: systemTimers }));
  const archive = opened.use(openSqliteArchive(folder.path('archive.db')));
  const followers = [bus.lineage, archive.lineage];
  await bus.subscribe({ durableName: 'archive', handler: () => Promise.resolve() });
  const owned = opened.move();
  const name = folder.path('.');
  let drawn = 0;
  return {
    file,
    archive: readThroughBranches(archive, file.lineage),
    agree: () =>
      agreeOnLineage({
        book: file.lineage,
        followers,
        nextId: () => `lineage of ${name}`,
        nextEpoch: () => `begun${++drawn}`,
      }),
    /** Decides bids and carries their events as far as is said. */
    async bid(amounts: readonly number[], { upTo = 'archive' }: { upTo?: 'bus' | 'archive' } = {}) {
      await file.book.open(definitionOf());
      for (const amount of amounts) {
        const ids = { bidId: `bid${amount}`, eventId: `${drawn}:${amount}`, idempotencyKey: null };
        const bid = { amountMicros: units(amount), maxMicros: null, buyNow: false };
        await file.book.place({ itemId: 'L1', userId: `user${amount % 20}`, ...ids, ...bid });
      }
      const entries = await file.outbox.read({ limit: 1_000, waitMs: 0 });
      const events = entries.map(({ event }) => event);
      await bus.publish(events);
      if (upTo === 'archive') await archive.append(events);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** One life of the process that owns the files. */
async function live(folder: Folder, act: (files: Opened) => Promise<unknown>): Promise<void> {
  await using files = await open(folder);
  await act(files);
}

/** Two bids, a copy of the live file, and three bids more. */
async function openCopied(upTo: 'bus' | 'archive' = 'archive'): Promise<Folder> {
  const folder = await openFolder();
  await live(folder, async ({ agree, bid }) => {
    expect(agree()).toEqual(WELL);
    await bid([50, 60]);
  });
  copyFileSync(folder.path('live.db'), folder.path('copy.db'));
  await live(folder, async ({ agree, bid }) => {
    expect(agree()).toEqual(WELL);
    await bid([70, 80, 90], { upTo });
  });
  return folder;
}

async function seqsOf({ archive }: Opened, epoch: string | null): Promise<number[]> {
  return (await archive.read({ ...ALL, epoch })).map(({ seq }) => seq);
}

describe('files that belong together', () => {
  test('agree at every start', async () => {
    await using folder = await openCopied();
    await live(folder, async ({ agree, file }) => {
      expect(agree()).toEqual(WELL);
      expect(await file.book.read('L1')).toMatchObject({ seq: 5, epoch: expect.any(String) });
    });
  });

  test('of a version that kept no lineage are taken as they are', async () => {
    await using folder = await openFolder();
    await live(folder, async ({ bid, agree }) => {
      await bid([50, 60]);
      expect(agree()).toEqual(WELL);
    });
  });
});

describe('a book that is older than the files beside it', () => {
  test.each([
    ['archive', ['bus.db', 'archive.db']],
    ['bus', ['bus.db']],
  ] as const)('which had its events up to the %s, goes on in a new epoch', async (upTo, ahead) => {
    await using folder = await openCopied(upTo);
    renameSync(folder.path('copy.db'), folder.path('live.db'));
    await live(folder, async ({ agree, file, bid }) => {
      expect(agree()).toEqual({ ahead, begun: [] });
      expect(await file.book.read('L1')).toMatchObject({ seq: 2, epoch: 'begun1' });
      await bid([75]);
    });
    await live(folder, async (files) => {
      expect(files.agree()).toEqual(WELL);
      expect(await files.file.book.read('L1')).toMatchObject({ seq: 3, epoch: 'begun1' });
    });
  });

  test('has a history that is whole: the branch goes on from what the book still knew', async () => {
    await using folder = await openCopied();
    renameSync(folder.path('copy.db'), folder.path('live.db'));
    await live(folder, async (files) => {
      const old = (await files.archive.read({ ...ALL, epoch: null })).at(0)?.epoch ?? '';
      files.agree();
      await files.bid([75, 85]);
      expect(await seqsOf(files, 'begun1')).toEqual([1, 2, 3, 4]);
      const events = await files.archive.read({ ...ALL, epoch: 'begun1' });
      expect(new Set(events.map(({ epoch }) => epoch))).toEqual(new Set(['begun1']));
      expect(events[2]).toMatchObject({ bidId: 'bid75' });
      // What was lost is still told by its own epoch.
      expect(await seqsOf(files, old)).toEqual([1, 2, 3, 4, 5]);
    });
  });

  test('is read in pages across the branch', async () => {
    await using folder = await openCopied();
    renameSync(folder.path('copy.db'), folder.path('live.db'));
    await live(folder, async (files) => {
      files.agree();
      await files.bid([75, 85]);
      const page = (afterSeq: number, limit: number) =>
        files.archive.read({ itemId: 'L1', epoch: 'begun1', afterSeq, limit });
      expect((await page(0, 2)).map(({ seq }) => seq)).toEqual([1, 2]);
      expect((await page(1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
      expect((await page(2, 9)).map(({ seq }) => seq)).toEqual([3, 4]);
    });
  });

  test('branches again when it is brought back again', async () => {
    await using folder = await openCopied();
    copyFileSync(folder.path('copy.db'), folder.path('live.db'));
    await live(folder, async (files) => {
      files.agree();
      await files.bid([75]);
    });
    renameSync(folder.path('copy.db'), folder.path('live.db'));
    await live(folder, async (files) => {
      expect(files.agree().ahead).toEqual(['bus.db', 'archive.db']);
      expect(await files.file.book.read('L1')).toMatchObject({ seq: 2 });
    });
  });
});

describe('a book that is not there', () => {
  test('is missed beside files that hold events, again and again', async () => {
    await using folder = await openCopied();
    rmSync(folder.path('live.db'));
    for (const _start of [1, 2]) {
      await live(folder, async ({ agree }) => {
        expect(agree).toThrow(LineageError);
        expect(agree).toThrow('live.db holds no items, but bus.db and archive.db beside it');
      });
    }
  });

  test('may be new beside files that hold nothing', async () => {
    await using folder = await openFolder();
    await live(folder, async ({ agree }) => expect(agree()).toEqual(WELL));
    rmSync(folder.path('live.db'));
    await live(folder, async ({ agree }) => expect(agree()).toEqual(WELL));
  });
});

test('a book of another lineage is refused', async () => {
  await using folder = await openCopied();
  await using other = await openCopied();
  copyFileSync(other.path('live.db'), folder.path('live.db'));
  await live(folder, async ({ agree }) => {
    expect(agree).toThrow('live.db is not the one that bus.db and archive.db beside it come from');
  });
});

test('an archive that begins beside a book with items is named', async () => {
  await using folder = await openCopied();
  rmSync(folder.path('archive.db'));
  await live(folder, async (files) => {
    expect(files.agree()).toEqual({ ahead: [], begun: ['archive.db'] });
  });
});
