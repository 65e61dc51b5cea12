/** Deciding a kept auction again from its event alone, also while a server is writing. */
import { isDeepStrictEqual } from 'node:util';
import { readSpooledAuction } from '../driver/sqlite/spool.ts';
import type { AuctionEvent, ImpResult } from '../exchange/rule/auction.ts';
import { replay } from '../exchange/rule/decide.ts';
import { exchangePath, type StoreConfig } from './store.ts';

export type Replay = {
  readonly kept: AuctionEvent;
  readonly again: readonly ImpResult[];
  /** Whether every end, winner and price came out as it was kept. */
  readonly isSame: boolean;
};

/** Undefined when no such auction is kept. */
export function replayAuction(config: StoreConfig, auctionId: string): Replay | undefined {
  const kept = readSpooledAuction(exchangePath(config), auctionId);
  if (kept === null) return undefined;
  const again = replay(kept);
  return { kept, again, isSame: isDeepStrictEqual(again, kept.results) };
}
