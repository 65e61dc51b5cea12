/** Deciding a kept auction again from its event alone, also while a server is writing. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../../core/clock.ts';
import { systemTimers } from '../../core/timer.ts';
import { openPostgresArchives } from '../../driver/postgres/archive/archives.ts';
import { readSpooledAuction } from '../../driver/sqlite/spool/event-spool.ts';
import type { AuctionEvent, ImpResult } from '../../exchange/rule/auction.ts';
import { replay } from '../../exchange/rule/decide.ts';
import type { StoreConfig } from '../node/store/catalog-store.ts';
import { isExchangeFile } from '../node/store/paths.ts';

/** The archive is a moment behind the nodes: an auction of just now is waited for. */
const ARCHIVE_LOOKS = 6;
const ARCHIVE_LOOK_EVERY_MS = 250;

export type Replay = {
  readonly kept: AuctionEvent;
  readonly again: readonly ImpResult[];
  /** Whether every end, winner and price came out as it was kept. */
  readonly isSame: boolean;
};

/** Undefined when no such auction is kept, neither here nor in the archive. */
export async function replayAuction(
  config: StoreConfig,
  auctionId: string,
): Promise<Replay | undefined> {
  const kept = (await findSpooled(config, auctionId)) ?? (await findArchived(config, auctionId));
  if (kept === null) return undefined;
  const again = replay(kept);
  return { kept, again, isSame: isDeepStrictEqual(again, kept.results) };
}

async function findSpooled({ dataDir }: StoreConfig, auctionId: string) {
  // A node that only reads the archive has no data folder.
  const names = await readdir(dataDir).catch(() => []);
  for (const name of names.filter(isExchangeFile)) {
    const found = readSpooledAuction(join(dataDir, name), auctionId);
    if (found !== null) return found;
  }
  return null;
}

async function findArchived(config: StoreConfig, auctionId: string): Promise<AuctionEvent | null> {
  const { postgresUrl: url, postgresReplicaUrl: replicaUrl } = config;
  if (url === '') return null;
  await using archives = openPostgresArchives(
    { url, replicaUrl },
    { clock: systemClock, timers: systemTimers },
  );
  for (let look = 1; look < ARCHIVE_LOOKS; look++) {
    const found = await archives.auctions.find(auctionId);
    if (found !== null) return found;
    await setTimeout(ARCHIVE_LOOK_EVERY_MS);
  }
  return await archives.auctions.find(auctionId);
}
