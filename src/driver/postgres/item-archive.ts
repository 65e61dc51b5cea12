/**
 * The archive of item events in PostgreSQL, for many archivers and many readers.
 *
 * A batch is one statement that gets all events as one JSON text and reads its columns from it.
 * Rows are inserted in key order, so that archivers with the same events wait for each other
 * without deadlock. The newest epoch of an item is the one whose first event arrived last.
 */
import { sql } from 'kysely';
import type { Archive } from '../../live/port/item-archive.ts';
import type { ItemEvent } from '../../live/rule/item.ts';
import { appendUsable } from './archive/append.ts';
import type { ArchiveDatabase, ArchiveTransaction } from './archive/archive-database.ts';

type EventRow = { readonly event: ItemEvent };

/** @param database the caller disposes of it */
export function createPostgresArchive(database: ArchiveDatabase): Pick<Archive, 'append' | 'read'> {
  const tables = ['item_event'];
  const idOf = ({ eventId }: ItemEvent) => eventId;
  return {
    append: (events) => appendUsable({ database, tables, insert, idOf }, events),
    read: (page) =>
      database.read(async (transaction) => {
        const { itemId, afterSeq, limit } = page;
        const epoch = page.epoch ?? (await newestEpoch(transaction, itemId));
        if (epoch === null) return [];
        const { rows } = await sql<EventRow>`
          select event from item_event
          where item_id = ${itemId} and epoch = ${epoch} and seq > ${afterSeq}
          order by seq limit ${limit}`.execute(transaction);
        return rows.map(({ event }) => event);
      }),
  };
}

async function newestEpoch(
  transaction: ArchiveTransaction,
  itemId: string,
): Promise<string | null> {
  const { rows } = await sql<{ epoch: string }>`
    select epoch from item_epoch where item_id = ${itemId} order by arrival desc limit 1
  `.execute(transaction);
  return rows[0]?.epoch ?? null;
}

async function insert(
  transaction: ArchiveTransaction,
  events: readonly ItemEvent[],
): Promise<void> {
  await insertEpochs(transaction, newEpochs(events));
  await sql`
    insert into item_event
      (item_id, epoch, seq, event_id, type, at, bid_id, user_id, amount_micros, event)
    select "itemId", epoch, seq, "eventId", type, to_timestamp("atMs" / 1000.0),
      coalesce("bidId", "retractedBidId"), coalesce("userId", "winnerId"),
      coalesce("amountMicros", "priceMicros"), event
    from json_array_elements(${JSON.stringify(events)}::json) as batch (event),
      json_to_record(event) as known ("itemId" text, epoch text, seq bigint, "eventId" text,
        type text, "atMs" bigint, "bidId" text, "retractedBidId" text, "userId" text,
        "winnerId" text, "amountMicros" bigint, "priceMicros" bigint)
    order by "itemId" collate "C", epoch collate "C", seq
    on conflict do nothing`.execute(transaction);
}

type Epoch = { readonly itemId: string; readonly epoch: string };

/** Each epoch of a batch once, in the order of its first event. */
function newEpochs(events: readonly ItemEvent[]): Epoch[] {
  const epochs = new Map<string, Epoch>();
  for (const { itemId, epoch } of events) epochs.set(`${itemId} ${epoch}`, { itemId, epoch });
  return [...epochs.values()];
}

/** Rows are numbered in the order of arrival, and only then sorted. */
async function insertEpochs(
  transaction: ArchiveTransaction,
  epochs: readonly Epoch[],
): Promise<void> {
  await sql`
    with arrived as materialized (
      select "itemId" as item_id, epoch, place
      from json_array_elements(${JSON.stringify(epochs)}::json) with ordinality as batch (one, place),
        json_to_record(one) as known ("itemId" text, epoch text)
      where not exists (
        select from item_epoch as old where old.item_id = "itemId" and old.epoch = known.epoch)
      order by place
    ), numbered as materialized (
      select item_id, epoch, nextval('item_epoch_arrival') as arrival from arrived
    )
    insert into item_epoch (item_id, epoch, arrival)
    select item_id, epoch, arrival from numbered
    order by item_id collate "C", epoch collate "C"
    on conflict do nothing`.execute(transaction);
}
