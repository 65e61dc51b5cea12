/** Follows the bus into the archive of auctions: a batch is passed when the archive has it. */
import type { Loop } from '../core/loop.ts';
import type { Bus } from '../flow/bus.ts';
import type { AuctionArchive } from './port/auction-archive.ts';
import type { AuctionEvent } from './rule/auction.ts';

const DURABLE_NAME = 'archive';

export type AuctionArchiverParts = {
  readonly bus: Pick<Bus<AuctionEvent>, 'subscribe'>;
  readonly archive: Pick<AuctionArchive, 'append'>;
};

export async function startAuctionArchiver(parts: AuctionArchiverParts): Promise<Loop> {
  const { bus, archive } = parts;
  const handler = (events: readonly AuctionEvent[]) => archive.append(events);
  return { stop: await bus.subscribe({ durableName: DURABLE_NAME, handler }) };
}
