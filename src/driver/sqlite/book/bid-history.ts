/**
 * The rows of accepted bids, in secret: a retraction counts them again. Nothing is deleted: what is taken
 * back is noted beside them.
 */
import type { Database } from 'bun:sqlite';
import type { BidRecord } from '../../../live/rule/item.ts';
import type { Unwanted } from '../../../live/rule/retract.ts';

export const HISTORY_TABLES = [
  // Of all bids that one commit accepted: [bid id, user id, amount, maximum] each.
  `create table if not exists bid_batch (
    position integer primary key,
    item_id text not null,
    records text not null
  )`,
  'create index if not exists bid_batch_item on bid_batch (item_id)',
  `create table if not exists retracted_bid (
    item_id text not null,
    bid_id text not null,
    primary key (item_id, bid_id)
  ) without rowid`,
  // Of all that the bidder has bid in batches up to this one.
  `create table if not exists removed_bidder (
    item_id text not null,
    user_id text not null,
    position integer not null,
    primary key (item_id, user_id)
  ) without rowid`,
];

export type BidHistory = ReturnType<typeof createBidHistory>;

export type HistoryReader = {
  /**
   * Gives on the next records that were not taken back, oldest first: some hundred at most, so that it
   * takes a few milliseconds. False when there are no more for now.
   */
  read(take: (record: BidRecord) => void): boolean;
};

type PackedRecord = readonly [
  bidId: string,
  userId: string,
  amountMicros: BidRecord['amountMicros'],
  maxMicros: BidRecord['maxMicros'],
];

/** Records after which a reader pauses; a batch is never cut. */
const RECORDS_PER_READ = 500;

export function createBidHistory(database: Database) {
  const insertBids = database.query('insert into bid_batch (item_id, records) values (?1, ?2)');
  const insertRetracted = database.query(
    'insert or ignore into retracted_bid (item_id, bid_id) values (?1, ?2)',
  );
  const upsertRemoved = database.query(
    `insert into removed_bidder (item_id, user_id, position)
     select ?1, ?2, coalesce(max(position), 0) from bid_batch where true
     on conflict (item_id, user_id) do update set position = excluded.position`,
  );

  return {
    add: (itemId: string, records: readonly BidRecord[]): void => {
      insertBids.run(itemId, JSON.stringify(records.map(packed)));
    },
    takeBack: (itemId: string, unwanted: Unwanted): void => {
      if ('bidId' in unwanted) insertRetracted.run(itemId, unwanted.bidId);
      else upsertRemoved.run(itemId, unwanted.userId);
    },
    reader: historyReader(database),
  };
}

type BatchRow = { readonly position: number; readonly records: string };

/** Its readers know what was taken back when they were made, and nothing later. */
function historyReader(database: Database) {
  const selectBids = database.query<BatchRow, [string, number]>(
    `select position, records from bid_batch where item_id = ?1 and position > ?2
     order by position limit ${RECORDS_PER_READ}`,
  );
  const selectRetracted = database.query<{ bid_id: string }, [string]>(
    'select bid_id from retracted_bid where item_id = ?1',
  );
  const selectRemoved = database.query<{ user_id: string; position: number }, [string]>(
    'select user_id, position from removed_bidder where item_id = ?1',
  );

  return (itemId: string): HistoryReader => {
    const retracted = new Set(selectRetracted.all(itemId).map((row) => row.bid_id));
    const removed = new Map(selectRemoved.all(itemId).map((row) => [row.user_id, row.position]));
    let position = 0;
    const counts = ([bidId, userId]: PackedRecord): boolean =>
      !retracted.has(bidId) && position > (removed.get(userId) ?? 0);
    return {
      read: (take) => {
        let count = 0;
        for (const row of selectBids.iterate(itemId, position)) {
          ({ position } = row);
          const records = JSON.parse(row.records) as PackedRecord[];
          for (const record of records) if (counts(record)) take(unpacked(record));
          count += records.length;
          if (count >= RECORDS_PER_READ) break;
        }
        return count > 0;
      },
    };
  };
}

function packed({ bidId, userId, amountMicros, maxMicros }: BidRecord): PackedRecord {
  return [bidId, userId, amountMicros, maxMicros];
}

function unpacked([bidId, userId, amountMicros, maxMicros]: PackedRecord): BidRecord {
  return { bidId, userId, amountMicros, maxMicros };
}
