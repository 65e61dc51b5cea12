/**
 * The archive of ad auctions in monthly partitions, and running sums of it.
 *
 * The keys contain the time because PostgreSQL requires the partition column there; an auction's
 * time is fixed with its id. The sums are written with the auctions that they count, so that no
 * query adds up millions of rows.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table auction (
      auction_id text collate "C" not null,
      at timestamptz not null,
      kind text not null,
      event json not null,
      primary key (auction_id, at)
    ) partition by range (at)`.execute(db);
  await sql`
    create table auction_sale (
      auction_id text collate "C" not null,
      at timestamptz not null,
      place integer not null,
      supply_id text collate "C" not null,
      bidder_id text collate "C" not null,
      clearing_micros bigint not null,
      primary key (auction_id, at, place)
    ) partition by range (at)`.execute(db);
  await sql`
    create table auction_total (
      kind text collate "C" not null,
      id text collate "C" not null,
      auctions bigint not null,
      total_micros bigint not null,
      primary key (kind, id)
    )`.execute(db);
  await sql`create index auction_total_top on auction_total (kind, total_micros desc, id)`.execute(
    db,
  );
}

/** Emptied with the tables, which `gavel migrate down` says before it does it. */
export const holds = ['auction', 'auction_sale', 'auction_total'];

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['auction_total', 'auction_sale', 'auction']) {
    await db.schema.dropTable(table).execute();
  }
}
