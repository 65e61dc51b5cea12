/**
 * Live item auctions: the door through which the server opens items, bids, closes and reads.
 *
 * The book decides; this face only makes ids, opens items on first sight and shows what may be shown.
 * What it answers to a bid is what is durable (see `port/item-book.ts`); `NotDecidedError` passes
 * through. It asks no clock when it decides, that is the book's; the clock here dates views.
 */
import type { Clock } from '../core/clock.ts';
import { createIdMaker } from '../core/id.ts';
import type { Random } from '../core/random.ts';
import type { Archive } from './port/item-archive.ts';
import type { ItemBook, PlaceAnswer, PlaceRequest } from './port/item-book.ts';
import type { ItemIndex } from './port/item-index.ts';
import type { PriceCache } from './price-cache.ts';
import type { Currency } from './rule/currency.ts';
import { firstSightPolicy } from './rule/definition.ts';
import {
  type ItemDefinition,
  type ItemEvent,
  type ItemState,
  type ItemStatus,
  MOST_BANNED,
} from './rule/item.ts';
import { type ItemView, itemView } from './rule/view.ts';

// The server enters by this door alone: what viewers are shown is the hub's.
export type { Hub, Viewing } from './viewing/hub.ts';
export type { ViewerSocket, Watch, Wire } from './viewing/viewer.ts';

export type LiveParts = {
  readonly book: ItemBook;
  readonly index: ItemIndex;
  readonly archive: Archive;
  readonly clock: Clock;
  readonly random: Random;
  /** Null when the book is as near as a cache would be. */
  readonly prices: Pick<PriceCache, 'refuse' | 'follow'> | null;
  /** Whether an unknown item is opened when it is first asked for or bid on. */
  readonly opensOnFirstSight: boolean;
  /** Of an item that is opened on first sight. */
  readonly currency: Currency;
};

/** An item as the public sees it, and whether its bidders are masked in its events too. */
export type ShownItem = { readonly view: ItemView; readonly masksBidders: boolean };

export type Removal = ItemEvent | 'unknown-item' | 'ended' | 'bans-full' | 'nothing';

export type Live = {
  openItem(definition: ItemDefinition): Promise<{ shown: ShownItem; created: boolean }>;
  /** @param viewerId who looks, as far as that is proved: the own id is not masked. */
  readItem(itemId: string, viewerId?: string | null): Promise<ShownItem | null>;
  /** Like `readItem`, but never opens an item. */
  findItem(itemId: string): Promise<ShownItem | null>;
  placeBid(request: PlaceRequest): Promise<PlaceAnswer>;
  /** Ends an item at once; null when it is unknown or has ended. */
  closeItem(itemId: string): Promise<ItemEvent | null>;
  /** Takes a bid back; null when there is no such bid or the item has ended. */
  retractBid(itemId: string, bidId: string): Promise<ItemEvent | null>;
  /**
   * Takes back all that a bidder has bid, and with `ban` refuses the bidder from then on.
   * The event, or why nothing has changed.
   */
  removeBidder(itemId: string, bidder: { userId: string; ban: boolean }): Promise<Removal>;
  listItems(page: {
    status: ItemStatus | null;
    afterItemId: string | null;
    limit: number;
  }): Promise<readonly ShownItem[]>;
  /** Events of the newest epoch by rising seq, as far as the archive has them; never masked. */
  readHistory(page: {
    itemId: string;
    epoch: string | null;
    afterSeq: number;
    limit: number;
  }): Promise<readonly ItemEvent[]>;
};

export function createLive(parts: LiveParts): Live {
  const { book, index, archive, clock, random, prices, opensOnFirstSight, currency } = parts;
  const nextId = createIdMaker('', clock, random);
  const show = (state: ItemState, viewerId: string | null = null): ShownItem => ({
    view: itemView(state, clock.nowMs(), viewerId),
    masksBidders: state.policy.maskBidders,
  });

  async function openOnFirstSight(itemId: string): Promise<ItemState> {
    const definition = {
      itemId,
      name: itemId,
      policy: firstSightPolicy(currency),
      opensAtMs: null,
      closesAtMs: null,
    };
    return (await book.open(definition)).state;
  }

  async function placeBid(request: PlaceRequest): Promise<PlaceAnswer> {
    const refused = prices?.refuse(request) ?? null;
    if (refused !== null) return refused;
    const answer = await decideBid(request);
    prices?.follow(request.itemId);
    return answer;
  }

  async function decideBid(request: PlaceRequest): Promise<PlaceAnswer> {
    // One suffix names the bid and its event, so that a person can match them.
    const suffix = nextId();
    const command = { ...request, bidId: `bid${suffix}`, eventId: `evt${suffix}` };
    const answer = await book.place(command);
    if (answer.kind !== 'unknown-item' || !opensOnFirstSight) return answer;
    await openOnFirstSight(request.itemId);
    return book.place(command);
  }

  return {
    openItem: async (definition) => {
      const { state, created } = await book.open(definition);
      return { shown: show(state), created };
    },
    readItem: async (itemId, viewerId = null) => {
      const state = await book.read(itemId);
      if (state !== null) return show(state, viewerId);
      return opensOnFirstSight ? show(await openOnFirstSight(itemId)) : null;
    },
    findItem: async (itemId) => {
      const state = await book.read(itemId);
      return state === null ? null : show(state);
    },
    placeBid,
    closeItem: (itemId) => book.close(itemId, { eventId: `evt${nextId()}`, force: true }),
    retractBid: (itemId, bidId) =>
      book.retract(itemId, { eventId: `evt${nextId()}`, unwanted: { bidId } }),
    removeBidder: (itemId, bidder) =>
      removeBidder(book, itemId, { ...bidder, eventId: `evt${nextId()}` }),
    listItems: async (page) => (await index.list(page)).map((state) => show(state)),
    readHistory: (page) => archive.read(page),
  };
}

async function removeBidder(
  book: ItemBook,
  itemId: string,
  { eventId, userId, ban }: { eventId: string; userId: string; ban: boolean },
): Promise<Removal> {
  const event = await book.retract(itemId, { eventId, unwanted: { userId, ban } });
  if (event !== null) return event;
  const state = await book.read(itemId);
  if (state === null) return 'unknown-item';
  if (state.status === 'ended') return 'ended';
  const { bannedIds = [] } = state;
  const isFull = bannedIds.length >= MOST_BANNED && !bannedIds.includes(userId);
  return ban && isFull ? 'bans-full' : 'nothing';
}
