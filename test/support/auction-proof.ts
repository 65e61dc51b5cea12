/**
 * Proves that every acknowledged bid is in the item, the history and the archive: once, in order.
 *
 * Four witnesses must agree: the clients' answers, the server's responses, the archive's file, and
 * the bids in the book's own file, replayed by the pure rule.
 */
import { Database } from 'bun:sqlite';
import { expect } from 'bun:test';
import { join } from 'node:path';
import { decimalFromMicros } from '../../src/core/money.ts';
import { createBidHistory } from '../../src/driver/sqlite/book/bid-history.ts';
import { openSqliteArchive } from '../../src/driver/sqlite/item-archive.ts';
import type { BidEvent, BidRecord, ItemEvent, ItemPolicy } from '../../src/live/rule/item.ts';
import { NO_BID, settle } from '../../src/live/rule/standing.ts';
import { eventView, UNMASKED } from '../../src/live/rule/view.ts';
import { eventJson } from '../../src/server/live/item-json.ts';
import type { History } from '../checker/history.ts';
import { describeViolations } from '../checker/violation.ts';
import type { AuctionLoad, LoadedItem } from './auction-load.ts';
import { readHistory, type ShownEvent, type ShownItem, showItem } from './bid-client.ts';
import { acceptedBidIds, judge } from './verdict.ts';

const POLL_MS = 20;
const ARCHIVE_WITHIN_MS = 15_000;
const EVENTS_PER_READ = 100_000;

export type Served = { readonly shown: ShownItem; readonly events: readonly ShownEvent[] };

/**
 * The server's view of an item once it has ended, if it has an end, and its archive is complete.
 */
export async function serveWhole(url: string, item: LoadedItem): Promise<Served> {
  const { itemId, closesAtMs } = item.definition;
  const untilMs = performance.now() + ARCHIVE_WITHIN_MS;
  for (;;) {
    const shown = await showItem(url, itemId);
    const events = await readHistory(url, itemId);
    const isOver = closesAtMs === null || shown.status === 'ended';
    if (isOver && events.length >= shown.seq) return { shown, events };
    if (performance.now() > untilMs) {
      throw new Error(`${itemId}: ${events.length} of ${shown.seq} events are in the archive`);
    }
    await Bun.sleep(POLL_MS);
  }
}

/** Proves all items of a load on the files of a stopped server. */
export async function proveLoad(load: AuctionLoad, served: readonly Served[], dataDir: string) {
  for (const [index, item] of load.items.entries()) {
    const one = served[index];
    if (one === undefined) throw new Error('an item was not read');
    await proveItem(item, one, dataDir);
  }
}

async function proveItem(item: LoadedItem, { shown, events }: Served, dataDir: string) {
  const history = await gatherHistory(item, dataDir);
  const violations = judge(history);
  expect(violations.length === 0 ? '' : describeViolations(violations)).toBe('');
  expect(events).toEqual(history.log.map((event) => eventJson(eventView(event, UNMASKED), 'USD')));
  expect(shown).toMatchObject({ seq: history.log.length, ...lastStanding(history.log) });
  const records = bookRecords(item, dataDir);
  const bids = history.log.filter((event) => event.type === 'bid');
  expect(bids.map(outlineOf)).toEqual(replay(records, item.definition.policy));
  const kept = records.map(({ bidId }) => bidId);
  expect(new Set(kept).size).toBe(kept.length);
  expect(acceptedBidIds(history.operations).difference(new Set(kept))).toEqual(new Set());
}

export async function gatherHistory(item: LoadedItem, dataDir: string): Promise<History> {
  const { definition, recorder } = item;
  await using archive = openSqliteArchive(join(dataDir, 'archive.db'));
  const page = { itemId: definition.itemId, epoch: null, afterSeq: 0, limit: EVENTS_PER_READ };
  const log = await archive.read(page);
  return { definition, operations: recorder.operations(), log, archive: null, viewers: [] };
}

/** One line of numbers for the person who runs the tests. */
export function summaryOf({ items }: AuctionLoad, kills: number): string {
  const operations = items.flatMap(({ recorder }) => recorder.operations());
  const bids = operations.filter(({ kind }) => kind === 'bid');
  const unknown = bids.filter(({ respondedMs }) => respondedMs === null).length;
  const accepted = acceptedBidIds(operations).size;
  return `${kills} kills, ${bids.length} bids sent, ${accepted} accepted, ${unknown} unknown, 0 lost, 0 twice\n`;
}

function bookRecords({ definition }: LoadedItem, dataDir: string): BidRecord[] {
  const database = new Database(join(dataDir, 'live.db'), { strict: true });
  try {
    const records: BidRecord[] = [];
    const reader = createBidHistory(database).reader(definition.itemId);
    while (reader.read((record) => records.push(record)));
    return records;
  } finally {
    database.close();
  }
}

type Outline = Pick<BidEvent, 'bidId' | 'userId' | 'amountMicros'>;

function outlineOf({ bidId, userId, amountMicros }: BidEvent): Outline {
  return { bidId, userId, amountMicros };
}

/** The bid events that the book's records must have made. */
function replay(records: readonly BidRecord[], policy: ItemPolicy): Outline[] {
  let standing = NO_BID;
  return records.flatMap((record) => {
    const { priceMicros } = standing;
    standing = settle(standing, record, policy).standing;
    if (standing.priceMicros === priceMicros) return [];
    const userId = standing.leaderId ?? record.userId;
    return [{ bidId: record.bidId, userId, amountMicros: standing.priceMicros }];
  });
}

function lastStanding(log: readonly ItemEvent[]) {
  const last = log.findLast((event) => event.type === 'bid');
  if (last === undefined) return { current_bid: 0, highest_bidder_id: null };
  return { current_bid: decimalFromMicros(last.amountMicros), highest_bidder_id: last.userId };
}
