/**
 * The archive of ad auctions in PostgreSQL, for many archivers and many readers.
 *
 * A batch is one statement: the new auctions, their sales, and their share of the running sums.
 * Rows and sums are written in key order, so that archivers wait for each other without deadlock;
 * the sums come last, so that they are locked only briefly. A sum stays at the largest safe integer
 * instead of growing past it.
 */
import { sql } from 'kysely';
import { toMicros, ZERO_MICROS } from '../../core/money.ts';
import type { AuctionArchive } from '../../exchange/port/auction-archive.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import type { Top } from '../../exchange/rule/tally-view.ts';
import { appendUsable } from './archive/append.ts';
import type { ArchiveDatabase, ArchiveTransaction } from './archive/archive-database.ts';

type TotalRow = { readonly id: string; readonly auctions: number; readonly total_micros: number };

/** @param database the caller disposes of it */
export function createPostgresAuctionArchive(
  database: ArchiveDatabase,
): Pick<AuctionArchive, 'append' | 'find' | 'readTotals'> {
  const tables = ['auction', 'auction_sale'];
  const idOf = ({ auctionId }: AuctionEvent) => auctionId;
  return {
    append: (events) => appendUsable({ database, tables, insert, idOf }, events),
    find: (auctionId) =>
      database.read(async (transaction) => {
        const { rows } = await sql<{ event: AuctionEvent }>`
          select event from auction where auction_id = ${auctionId} limit 1`.execute(transaction);
        return rows[0]?.event ?? null;
      }),
    readTotals: (topCount) =>
      database.read(async (transaction) => {
        const [grand] = await topOf(transaction, { kind: 'all', count: 1 });
        return {
          auctions: grand?.auctions ?? 0,
          revenueMicros: grand?.totalMicros ?? ZERO_MICROS,
          topBidders: await topOf(transaction, { kind: 'bidder', count: topCount }),
          topSupplies: await topOf(transaction, { kind: 'supply', count: topCount }),
        };
      }),
  };
}

async function topOf(
  transaction: ArchiveTransaction,
  { kind, count }: { kind: string; count: number },
): Promise<Top[]> {
  const { rows } = await sql<TotalRow>`
    select id, auctions, total_micros from auction_total
    where kind = ${kind} order by total_micros desc, id limit ${count}`.execute(transaction);
  return rows.map(({ id, auctions, total_micros }) => ({
    id,
    auctions,
    totalMicros: toMicros(total_micros),
  }));
}

async function insert(
  transaction: ArchiveTransaction,
  events: readonly AuctionEvent[],
): Promise<void> {
  const auctions = distinct(events);
  await sql`
    with stored as (
      insert into auction (auction_id, at, kind, event)
      select "auctionId", to_timestamp("atMs" / 1000.0), kind, event
      from json_array_elements(${JSON.stringify(auctions)}::json) as batch (event),
        json_to_record(event) as known ("auctionId" text, "atMs" bigint, kind text)
      on conflict do nothing
      returning auction_id, at
    ), offered as materialized (
      select auction_id, at, place, supply_id, bidder_id, micros
      from json_to_recordset(${JSON.stringify(auctions.flatMap(offersOf))}::json) as offer
          (auction_id text, place integer, supply_id text, bidder_id text, micros bigint)
        join stored using (auction_id)
    ), sold as (
      insert into auction_sale (auction_id, at, place, supply_id, bidder_id, clearing_micros)
      select auction_id, at, place, supply_id, bidder_id, micros
      from offered where micros is not null
      on conflict do nothing
    ), added as (
      select 'all' as kind, '' as id, count(*) as auctions,
        coalesce((select sum(micros) from offered), 0) as micros
      from stored having count(*) > 0
      union all
      select 'supply', supply_id, count(*), coalesce(sum(micros), 0)
      from offered group by supply_id
      union all
      select 'bidder', bidder_id, count(distinct auction_id), sum(micros)
      from offered where micros is not null group by bidder_id
    )
    insert into auction_total as total (kind, id, auctions, total_micros)
    select kind, id, auctions, least(micros, ${Number.MAX_SAFE_INTEGER}) from added
    order by kind collate "C", id collate "C"
    on conflict (kind, id) do update set
      auctions = total.auctions + excluded.auctions,
      total_micros = least(total.total_micros + excluded.total_micros, ${Number.MAX_SAFE_INTEGER})
  `.execute(transaction);
}

/** Each auction once, in the order of the key. */
function distinct(events: readonly AuctionEvent[]): AuctionEvent[] {
  const byId = new Map(events.map((event) => [event.auctionId, event]));
  return [...byId.values()].sort((left, right) => (left.auctionId < right.auctionId ? -1 : 1));
}

/** The share of each impression in the sums, by column name. */
function offersOf({ auctionId, results }: AuctionEvent) {
  return results.map(({ imp, winnerId, clearingMicros }, place) => ({
    auction_id: auctionId,
    place,
    supply_id: imp.supplyId,
    bidder_id: winnerId,
    micros: winnerId === null ? null : clearingMicros,
  }));
}
