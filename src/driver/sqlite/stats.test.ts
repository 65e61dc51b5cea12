import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { copyFileSync, existsSync } from 'node:fs';
import fc from 'fast-check';
import { bidOf, bytesOf, eventOf, impOf, resultOf } from '../../../test/support/auction.ts';
import { type Folder, openFolder } from '../../../test/support/folder.ts';
import {
  lockFile,
  openImpatientExchangeFile,
} from '../../../test/support/impatient-exchange-file.ts';
import { systemTimers } from '../../core/timer.ts';
import {
  anyTraffic,
  countAll,
  holdAll,
  readAll,
  type StatsStore,
  saleOf,
  statsContract,
} from '../../exchange/port/stats.contract.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { openExchangeFile } from './spool.ts';

const MAX_BYTES = 64 * 1024 * 1024;
/** More than one commit writes of them. */
const MANY_SUPPLIES = 1_000;

function open(path: string, maxBytes = MAX_BYTES) {
  return openExchangeFile(path, {
    maxBytes,
    timers: systemTimers,
    onError: (error) => {
      throw error;
    },
  });
}

async function openStore(): Promise<StatsStore> {
  const folder = await openFolder();
  return {
    open: async () => open(folder.path('exchange.db')),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

statsContract('SQLite', openStore);

/** The file as a killed process would leave it at this moment. */
function killedCopy(folder: Folder, name: string): string {
  const copy = folder.path(`killed-${name}`);
  // The database before its log: a checkpoint in between leaves its pages in the log.
  for (const suffix of ['', '-wal']) {
    const file = folder.path(name) + suffix;
    if (existsSync(file)) copyFileSync(file, copy + suffix);
  }
  return copy;
}

function sales(count: number, start = 0): AuctionEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const id = (start + index) % MANY_SUPPLIES;
    return saleOf(`supply${id}`, `bidder${id % 37}`, (1 + (index % 50)) / 100);
  });
}

describe('statistics after a kill', () => {
  test('catch up from the spool with what was committed', async () => {
    await using folder = await openFolder();
    await using file = open(folder.path('exchange.db'));
    const events = sales(2 * MANY_SUPPLIES);
    holdAll(file, events);
    await file.spool.flush();
    holdAll(file, [saleOf('not committed')]);
    await using killed = open(killedCopy(folder, 'exchange.db'));
    expect(await readAll(killed.stats)).toEqual(countAll(events));
  });

  test('are exact wherever the commits fell, also when the next process is killed too', async () => {
    await fc.assert(
      fc.asyncProperty(anyTraffic, fc.array(fc.nat({ max: 30 })), async (events, commits) => {
        await using folder = await openFolder();
        await using file = open(folder.path('exchange.db'));
        for (const [index, event] of events.entries()) {
          if (commits.includes(index)) await file.spool.flush();
          holdAll(file, [event]);
        }
        await file.spool.flush();
        await using killed = open(killedCopy(folder, 'exchange.db'));
        expect(await readAll(killed.stats)).toEqual(countAll(events));
        holdAll(killed, events);
        await killed.spool.flush();
        await using again = open(killedCopy(folder, 'killed-exchange.db'));
        expect(await readAll(again.stats)).toEqual(countAll([...events, ...events]));
      }),
      { numRuns: 15 },
    );
  });

  test('have written what they caught up before they go on', async () => {
    await using folder = await openFolder();
    await using file = open(folder.path('exchange.db'));
    const events = sales(MANY_SUPPLIES);
    holdAll(file, events);
    await file.spool.flush();
    await using _killed = open(killedCopy(folder, 'exchange.db'));
    const again = killedCopy(folder, 'killed-exchange.db');
    {
      using database = new Database(again);
      database.run('delete from spool_batch');
    }
    await using next = open(again);
    expect(await readAll(next.stats)).toEqual(countAll(events));
  });

  test('are exact when the spool has long let the first events go', async () => {
    await using folder = await openFolder();
    const maxBytes = 25 * bytesOf(...sales(100));
    await using file = open(folder.path('exchange.db'), maxBytes);
    // First all supplies, then one alone: the others must not wait behind it until the spool is over.
    const hot = Array.from({ length: 4_000 }, () => saleOf('hot'));
    const events = [...sales(1_000), ...hot];
    for (const [index, event] of events.entries()) {
      holdAll(file, [event]);
      if (index % 100 === 0) await file.spool.flush();
    }
    await file.spool.flush();
    const [oldest] = file.spool.read(0);
    expect(oldest?.position).toBeGreaterThan(1_000);
    await using killed = open(killedCopy(folder, 'exchange.db'), maxBytes);
    expect(await readAll(killed.stats)).toEqual(countAll(events));
  });
});

describe('statistics whose file refuses', () => {
  test('go on counting and lose nothing by a commit that failed', async () => {
    await using folder = await openFolder();
    const events = sales(2 * MANY_SUPPLIES);
    using file = await openImpatientExchangeFile(folder.path('exchange.db'));
    const opened = { ...file, [Symbol.asyncDispose]: async () => {} };
    {
      using _lock = lockFile(folder.path('exchange.db'));
      holdAll(opened, events);
      await expect(file.stats.flush()).rejects.toThrow('locked');
      expect(await readAll(file.stats)).toEqual(countAll(events));
    }
    await file.stats.flush();
    await using next = open(killedCopy(folder, 'exchange.db'));
    expect(await readAll(next.stats)).toEqual(countAll(events));
  });

  test('lose nothing by a commit that failed at its end', async () => {
    await using folder = await openFolder();
    const events = sales(MANY_SUPPLIES);
    using file = await openImpatientExchangeFile(folder.path('exchange.db'));
    let isFull = true;
    const refuse = () => {
      if (isFull) throw new Error('disk full');
      return undefined;
    };
    file.commit.join({ write: refuse });
    holdAll({ ...file, [Symbol.asyncDispose]: async () => {} }, events);
    await expect(file.stats.flush()).rejects.toThrow('disk full');
    isFull = false;
    await file.stats.flush();
    file.database.run('delete from spool_batch');
    await using next = open(killedCopy(folder, 'exchange.db'));
    expect(await readAll(next.stats)).toEqual(countAll(events));
  });

  test('lose nothing by a commit that failed in its midst', async () => {
    await using folder = await openFolder();
    const events = sales(2 * MANY_SUPPLIES);
    using file = await openImpatientExchangeFile(folder.path('exchange.db'));
    file.database.run(`create trigger refuse before insert on stats_counter when new.kind = 'spender'
      begin select raise(abort, 'disk full'); end`);
    holdAll({ ...file, [Symbol.asyncDispose]: async () => {} }, events);
    await expect(file.stats.flush()).rejects.toThrow('disk full');
    file.database.run('drop trigger refuse');
    await file.stats.flush();
    file.database.run('delete from spool_batch');
    await using next = open(killedCopy(folder, 'exchange.db'));
    expect(await readAll(next.stats)).toEqual(countAll(events));
  });
});

test('a large event is counted as it was, with its hundred bidders', async () => {
  await using file = open(':memory:');
  const bidders = Array.from({ length: 100 }, (_, index) => bidOf(`bidder${index}`, 0.5, index));
  const imps = Array.from({ length: 100 }, (_, index) => impOf({ supplyId: `supply${index}` }));
  const event = eventOf('auc_1', ...imps.map((imp) => resultOf(imp, ...bidders)));
  holdAll(file, [event, event]);
  expect(await readAll(file.stats)).toEqual(countAll([event, event]));
});
