/** The door to the live auctions of a node, with the price cache where the book is on another machine. */
import { createLive, type Live } from '../../../live/live.ts';
import { openPriceCache, type PriceCache } from '../../../live/price-cache.ts';
import { aliasOf } from '../alias.ts';
import type { NodeParts } from '../parts.ts';
import { systemRandom } from '../random.ts';
import { hasDuty, hasRedis } from '../role.ts';
import type { LiveStore } from '../store/live-store.ts';

export async function openLiveFace(parts: NodeParts, items: LiveStore): Promise<Live> {
  const { config, clock } = parts;
  return createLive({
    book: items.book(),
    index: items.index(),
    archive: items.archive(),
    clock,
    random: systemRandom(),
    aliasOf,
    prices: await openPrices(parts, items),
    opensOnFirstSight: config.itemsAutoCreate === 'on',
    currency: config.itemCurrency,
  });
}

/** Null when the book is as near as a cache would be, or when nobody bids here. */
async function openPrices(parts: NodeParts, items: LiveStore): Promise<PriceCache | null> {
  const { config, clock, owned, role } = parts;
  if (!hasRedis(config) || config.priceCache !== 'on' || !hasDuty(role, 'api')) return null;
  const book = items.book();
  const read = (itemId: string) => book.read(itemId);
  return owned.use(await openPriceCache({ bus: items.bus(), read, clock }));
}
