import { describe, expect, test } from 'bun:test';
import { bidOf, bytesOf, eventOf, impOf, resultOf } from '../../../test/support/auction.ts';
import { openFolder } from '../../../test/support/folder.ts';
import {
  lockFile,
  openImpatientExchangeFile,
} from '../../../test/support/impatient-exchange-file.ts';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { systemTimers } from '../../core/timer.ts';
import { type SpoolStore, spoolContract } from '../../exchange/port/spool.contract.ts';
import { SPOOL_COMMIT_MS, type Spool } from '../../exchange/port/spool.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { readSpooledAuction } from './spool/event-spool.ts';
import { type ExchangeFile, type ExchangeFileOptions, openExchangeFile } from './spool.ts';

const OPTIONS: ExchangeFileOptions = {
  maxBytes: 64 * 1024 * 1024,
  timers: systemTimers,
  onError: (error) => {
    throw error;
  },
};

async function openStore(): Promise<SpoolStore> {
  const folder = await openFolder();
  return {
    open: async () => openExchangeFile(folder.path('exchange.db'), OPTIONS),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

spoolContract('SQLite', openStore);

function eventNamed(auctionId: string): AuctionEvent {
  return eventOf(auctionId, resultOf(impOf(), bidOf('bidder1', 0.83)));
}

/** An event of some kilobytes. */
function largeEvent(auctionId: string): AuctionEvent {
  const answers = Array.from({ length: 100 }, (_, index) => bidOf(`bidder${index}`, 0.5));
  const imps = Array.from({ length: 16 }, (_, index) => impOf({ supplyId: `supply${index}` }));
  return eventOf(auctionId, ...imps.map((imp) => resultOf(imp, ...answers)));
}

function positionsOf(spool: Spool): number[] {
  return Array.from(spool.read(0), ({ position }) => position);
}

/** Appends and flushes one large event at a time; gives the last position. */
async function appendLarge({ spool }: ExchangeFile, count: number): Promise<number> {
  let last = 0;
  for (let index = 0; index < count; index++) {
    last = spool.append(largeEvent(`auc_${index}`));
    await spool.flush();
  }
  return last;
}

describe('a spool of bounded size', () => {
  const BOUND = { ...OPTIONS, maxBytes: 10.5 * bytesOf(largeEvent('auc_0')) };

  test('lets the oldest events go first and keeps those that fit', async () => {
    await using file = openExchangeFile(':memory:', BOUND);
    const last = await appendLarge(file, 50);
    const kept = positionsOf(file.spool);
    expect(kept.length).toBe(10);
    expect(kept).toEqual(kept.map((_, index) => last - kept.length + 1 + index));
    expect(await file.spool.find('auc_0')).toBeNull();
    expect(await file.spool.find('auc_49')).not.toBeNull();
  });

  test('reports to a reader how many events it lost', async () => {
    await using file = openExchangeFile(':memory:', BOUND);
    const lost: number[] = [];
    const reader = file.spool.reader('archive', (events) => lost.push(events));
    await appendLarge(file, 2);
    const [, second] = await reader.read({ limit: 100, waitMs: 0 });
    await appendLarge(file, 40);
    const entries = await reader.read({ limit: 100, waitMs: 0 });
    expect(entries.map(({ position }) => position)).toEqual(positionsOf(file.spool));
    expect(lost).toEqual([(entries[0]?.position ?? 0) - (second?.position ?? 0) - 1]);
    expect(lost).toEqual([30]);
  });

  test('is as bounded when it is opened again', async () => {
    await using folder = await openFolder();
    for (let round = 0; round < 4; round++) {
      await using file = openExchangeFile(folder.path('exchange.db'), BOUND);
      await appendLarge(file, 8);
    }
    await using file = openExchangeFile(folder.path('exchange.db'), BOUND);
    expect(positionsOf(file.spool)).toEqual([23, 24, 25, 26, 27, 28, 29, 30, 31, 32]);
  });

  test('keeps the newest commit whatever its size, so that positions go on', async () => {
    await using folder = await openFolder();
    {
      await using file = openExchangeFile(folder.path('exchange.db'), { ...OPTIONS, maxBytes: 1 });
      await appendLarge(file, 3);
    }
    await using file = openExchangeFile(folder.path('exchange.db'), { ...OPTIONS, maxBytes: 1 });
    expect(positionsOf(file.spool)).toEqual([3]);
    expect(file.spool.append(eventNamed('next'))).toBe(4);
  });
});

describe('another process', () => {
  test('finds a flushed auction while the file is open', async () => {
    await using folder = await openFolder();
    await using file = openExchangeFile(folder.path('exchange.db'), OPTIONS);
    file.spool.append(eventNamed('auc_1'));
    await file.spool.flush();
    expect(readSpooledAuction(folder.path('exchange.db'), 'auc_1')).toEqual(eventNamed('auc_1'));
    expect(readSpooledAuction(folder.path('exchange.db'), 'auc_2')).toBeNull();
  });

  test('finds an auction that nobody flushed within the time that the port promises', async () => {
    await using folder = await openFolder();
    const { timers, advance } = createManualTime();
    await using file = openExchangeFile(folder.path('exchange.db'), { ...OPTIONS, timers });
    file.spool.append(eventNamed('auc_1'));
    advance(SPOOL_COMMIT_MS);
    expect(readSpooledAuction(folder.path('exchange.db'), 'auc_1')).toEqual(eventNamed('auc_1'));
  });
});

describe('a spool whose file refuses', () => {
  test('keeps its events and writes them when it can', async () => {
    await using folder = await openFolder();
    using file = await openImpatientExchangeFile(folder.path('exchange.db'));
    {
      using _lock = lockFile(folder.path('exchange.db'));
      file.spool.append(eventNamed('auc_1'));
      await expect(file.spool.flush()).rejects.toThrow('locked');
      expect(file.spool.append(eventNamed('auc_2'))).toBe(2);
      await expect(file.spool.find('auc_1')).rejects.toThrow('locked');
    }
    await file.spool.flush();
    const kept = Array.from(file.spool.read(0), ({ event }) => event.auctionId);
    expect(kept).toEqual(['auc_1', 'auc_2']);
    expect(file.spool.droppedEvents()).toBe(0);
  });

  test('drops what waits beyond its bound, counts it and goes on with the positions', async () => {
    await using folder = await openFolder();
    const event = largeEvent('auc_1');
    const pendingBytes = bytesOf(...Array.from({ length: 11 }, () => event)) - 1;
    using file = await openImpatientExchangeFile(folder.path('exchange.db'), { pendingBytes });
    let appended = 0;
    {
      using _lock = lockFile(folder.path('exchange.db'));
      while (file.spool.droppedEvents() === 0) expect(file.spool.append(event)).toBe(++appended);
    }
    expect(file.spool.droppedEvents()).toBe(appended - 1);
    expect(appended).toBe(12);
    expect(positionsOf(file.spool)).toEqual([appended]);
  });

  test('counts the room of what it keeps right after a commit that failed', async () => {
    await using folder = await openFolder();
    using file = await openImpatientExchangeFile(folder.path('exchange.db'));
    file.spool.append(largeEvent('auc_1'));
    file.database.run(`create trigger full before insert on stats_counter
      begin select raise(abort, 'disk full'); end`);
    file.stats.record(largeEvent('auc_1'), 1);
    for (let attempt = 0; attempt < 2_000; attempt++) {
      await expect(file.spool.flush()).rejects.toThrow('disk full');
    }
    file.database.run('drop trigger full');
    file.spool.append(largeEvent('auc_2'));
    await file.spool.flush();
    file.spool.append(largeEvent('auc_3'));
    await file.spool.flush();
    expect(positionsOf(file.spool)).toEqual([1, 2, 3]);
  });
});
