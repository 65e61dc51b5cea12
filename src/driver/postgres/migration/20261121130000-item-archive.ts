/**
 * The archive of item events, in monthly partitions by the event's time.
 *
 * PostgreSQL requires the partition column in a unique key. That does no harm: an event's time is
 * fixed with its item, epoch and seq, so one event always has the same key. `json` and not `jsonb`,
 * so that an event is read exactly as it was written; the other columns are for queries in SQL.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table item_event (
      item_id text collate "C" not null,
      epoch text collate "C" not null,
      seq bigint not null,
      event_id text collate "C" not null,
      type text not null,
      at timestamptz not null,
      bid_id text collate "C",
      user_id text collate "C",
      amount_micros bigint,
      event json not null,
      primary key (item_id, epoch, seq, at)
    ) partition by range (at)`.execute(db);
  await sql`
    create table item_epoch (
      item_id text collate "C" not null,
      epoch text collate "C" not null,
      arrival bigint not null,
      primary key (item_id, epoch)
    )`.execute(db);
  await sql`create sequence item_epoch_arrival owned by item_epoch.arrival`.execute(db);
  await sql`create index item_epoch_newest on item_epoch (item_id, arrival desc)`.execute(db);
}

/** Emptied with the tables, which `gavel migrate down` says before it does it. */
export const holds = ['item_event'];

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table item_epoch`.execute(db);
  await sql`drop table item_event`.execute(db);
}
