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
import { type HistoryPageShown, historyPage } from './history-page.ts';
import type { Archive } from './port/item-archive.ts';
import type { ItemBook, PlaceAnswer, PlaceRequest } from './port/item-book.ts';
import type { ItemIndex } from './port/item-index.ts';
import type { PriceCache } from './price-cache.ts';
import { type Currency, currencyOf } from './rule/currency.ts';
import { firstSightPolicy } from './rule/definition.ts';
import {
  type ItemDefinition,
  type ItemEvent,
  type ItemState,
  type ItemStatus,
  MOST_BANNED,
} from './rule/item.ts';
import {
  type AliasOf,
  type ItemView,
  itemView,
  type Lens,
  type Looker,
  lensOf,
  PUBLIC,
} from './rule/view.ts';

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
  readonly aliasOf: AliasOf;
  /** Whether an unknown item is opened when it is first asked for or bid on. */
  readonly opensOnFirstSight: boolean;
  /** Of an item that is opened on first sight. */
  readonly currency: Currency;
};

/** An item as somebody sees it, and how the bidders of its events are seen. */
export type ShownItem = { readonly view: ItemView; readonly lens: Lens };

export type HistoryWanted = {
  readonly itemId: string;
  /** The item's present epoch when null. */
  readonly epoch: string | null;
  readonly afterSeq: number;
  readonly limit: number;
  readonly looker: Looker;
};

/** `currency` is the code of all its amounts. */
export type ShownHistory = HistoryPageShown & { readonly lens: Lens; readonly currency: string };

export type Removal = ItemEvent | 'unknown-item' | 'ended' | 'bans-full' | 'nothing';

export type Live = {
  openItem(definition: ItemDefinition): Promise<{ shown: ShownItem; created: boolean }>;
  /** @param looker who looks, the public when left out */
  readItem(itemId: string, looker?: Looker): Promise<ShownItem | null>;
  /** Like `readItem`, but never opens an item. */
  findItem(itemId: string, looker?: Looker): Promise<ShownItem | null>;
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
    looker: Looker;
  }): Promise<readonly ShownItem[]>;
  /** What the archive has of an item's history, never masked; null when there is no such item. */
  readHistory(wanted: HistoryWanted): Promise<ShownHistory | null>;
};

export function createLive(parts: LiveParts): Live {
  const { book, index, clock, random, prices, aliasOf, opensOnFirstSight, currency } = parts;
  const nextId = createIdMaker('', clock, random);
  const show = (state: ItemState, looker: Looker = PUBLIC): ShownItem => {
    const lens = lensOf(state, looker, aliasOf);
    return { view: itemView(state, clock.nowMs(), lens), lens };
  };

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
      const { state, created } = await book.open(withSecret(definition, random));
      return { shown: show(state), created };
    },
    readItem: async (itemId, looker) => {
      const state = await book.read(itemId);
      if (state !== null) return show(state, looker);
      return opensOnFirstSight ? show(await openOnFirstSight(itemId), looker) : null;
    },
    findItem: async (itemId, looker) => {
      const state = await book.read(itemId);
      return state === null ? null : show(state, looker);
    },
    placeBid,
    closeItem: (itemId) => book.close(itemId, { eventId: `evt${nextId()}`, force: true }),
    retractBid: (itemId, bidId) =>
      book.retract(itemId, { eventId: `evt${nextId()}`, unwanted: { bidId } }),
    removeBidder: (itemId, bidder) =>
      removeBidder(book, itemId, { ...bidder, eventId: `evt${nextId()}` }),
    listItems: async ({ looker, ...page }) =>
      (await index.list(page)).map((state) => show(state, looker)),
    readHistory: (wanted) => readHistory(parts, wanted),
  };
}

async function readHistory(
  { book, archive, aliasOf }: LiveParts,
  wanted: HistoryWanted,
): Promise<ShownHistory | null> {
  // The book before the archive: what it has decided by now is what may be missing there.
  const state = await book.read(wanted.itemId);
  if (state === null) return null;
  const { itemId, afterSeq, limit } = wanted;
  const epoch = wanted.epoch ?? state.epoch;
  const found = await archive.read({ itemId, epoch, afterSeq, limit });
  const headSeq = epoch === state.epoch ? state.seq : 0;
  return {
    ...historyPage(found, { afterSeq, limit, headSeq }),
    lens: lensOf(state, wanted.looker, aliasOf),
    currency: currencyOf(state.policy).code,
  };
}

const SECRET_WORDS = 8;

/** What masks its bidders needs what their aliases are made with. */
function withSecret(definition: ItemDefinition, random: Random): ItemDefinition {
  if (!definition.policy.maskBidders) return definition;
  return { ...definition, maskSecret: drawSecret(random) };
}

/** 256 bits, as far as the chance of the node is one of secrets. */
function drawSecret(random: Random): string {
  return Array.from({ length: SECRET_WORDS }, () => random.seed().toString(36)).join('.');
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
