import { describe, expect, test } from 'bun:test';
import { bidOf, bytesOf, eventOf, impOf, resultOf } from '../../test/support/auction.ts';
import { type Folder, openFolder } from '../../test/support/folder.ts';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { type ExchangeFile, openExchangeFile } from '../driver/sqlite/spool/exchange-file.ts';
import { startAuctionRelay } from './auction-relay.ts';
import type { AuctionEvent } from './rule/auction.ts';

function auction(index: number): AuctionEvent {
  return eventOf(`auc_${index}`, resultOf(impOf(), bidOf('bidder1', 0.83)));
}

function openFile(folder: Folder, maxBytes = 64 * 1024 * 1024): ExchangeFile {
  const onError = (error: unknown) => {
    throw error;
  };
  return openExchangeFile(folder.path('exchange.db'), { maxBytes, onError });
}

/** Appends auctions from `first` to `last`, each in a commit of its own. */
async function append({ spool }: ExchangeFile, first: number, last: number): Promise<void> {
  for (let index = first; index <= last; index++) {
    spool.append(auction(index));
    await spool.flush();
  }
}

/** A bus that takes what it is given, or refuses while it is away; each publish can be awaited. */
function createStage() {
  const { timers, advance } = createManualTime();
  const published: string[] = [];
  const errors: unknown[] = [];
  const lost: number[] = [];
  let isAway = false;
  const publish = async (events: readonly AuctionEvent[]) => {
    if (isAway) throw new Error('away');
    published.push(...events.map(({ auctionId }) => auctionId));
  };
  const start = ({ spool }: ExchangeFile) =>
    startAuctionRelay({
      spool,
      timers,
      bus: { publish },
      onError: (error) => errors.push(error),
      onLost: (events) => lost.push(events),
    });
  /** Lets the relay look again and do all that follows. */
  async function look(): Promise<void> {
    advance(2_000);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }
  const setAway = (away: boolean) => {
    isAway = away;
  };
  return { published, errors, lost, start, look, setAway };
}

const names = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `auc_${first + index}`);

describe('the relay of auctions', () => {
  test('carries what the spool has, and what comes later, once and in order', async () => {
    await using folder = await openFolder();
    await using file = openFile(folder);
    const stage = createStage();
    await append(file, 1, 5);
    const relay = stage.start(file);
    await stage.look();
    await append(file, 6, 9);
    expect(relay.backlog()).toBe(4);
    await stage.look();
    expect(stage.published).toEqual(names(1, 9));
    expect(relay.backlog()).toBe(0);
    await relay.stop();
    expect(stage.published).toEqual(names(1, 9));
  });

  test('goes on in the next process behind what was carried', async () => {
    await using folder = await openFolder();
    const stage = createStage();
    for (const round of [0, 1, 2]) {
      await using file = openFile(folder);
      const relay = stage.start(file);
      await append(file, round * 10 + 1, round * 10 + 10);
      await relay.stop();
    }
    expect(stage.published).toEqual(names(1, 30));
  });

  test('tries again what the bus did not take, before anything behind it', async () => {
    await using folder = await openFolder();
    await using file = openFile(folder);
    const stage = createStage();
    stage.setAway(true);
    await append(file, 1, 3);
    const relay = stage.start(file);
    await stage.look();
    await append(file, 4, 5);
    await stage.look();
    expect(stage.errors.length).toBeGreaterThan(0);
    expect([file.spool.carriedPosition(), relay.backlog()]).toEqual([0, 5]);
    stage.setAway(false);
    await stage.look();
    await relay.stop();
    expect(stage.published).toEqual(names(1, 5));
    expect(relay.lostEvents()).toBe(0);
  });

  test('tells how many the spool dropped while the bus was away', async () => {
    await using folder = await openFolder();
    await using file = openFile(folder, 10.5 * bytesOf(auction(10)));
    const stage = createStage();
    stage.setAway(true);
    await append(file, 10, 49);
    stage.setAway(false);
    const relay = stage.start(file);
    await stage.look();
    await relay.stop();
    expect(stage.published).toEqual(names(40, 49));
    expect(stage.lost).toEqual([30]);
    expect(relay.lostEvents()).toBe(30);
  });
});
