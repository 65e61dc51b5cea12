/**
 * The catalogue over any database that Kysely supports: the `Catalog` port in SQL.
 *
 * `load` reads in one transaction, page by page, and lets the event loop run between pages: it
 * delays running auctions by at most the time of a page. The database must give that transaction
 * one snapshot (SQLite in WAL does, PostgreSQL under repeatable read). `replace` yields likewise.
 */
import { type CompiledQuery, type Insertable, type Kysely, sql, type Transaction } from 'kysely';
import { toMicros } from '../../core/money.ts';

import type { Timers } from '../../core/timer.ts';

import { createWorking, type WorkingPart } from '../../core/working.ts';

import { CATALOG_WATCH_MS, type Catalog } from '../../exchange/port/catalog.ts';
import type { Bidder, CatalogContent, CatalogVersion, Supply } from '../../exchange/rule/supply.ts';
import type { Tables } from './table/tables.ts';

/** Rows read or written at a time. */
const PAGE_ROWS = 500;
const POLL_MS = CATALOG_WATCH_MS / 4;

/** Wraps the writing of all rows, for a database that can prepare for it. */
export type BulkWrite = (db: Transaction<Tables>, write: () => Promise<void>) => Promise<void>;

export type SqlCatalogOptions = { readonly timers: Timers; readonly bulkWrite?: BulkWrite };

/** @param db has its tables already; destroyed when the catalogue is disposed of */
export function createSqlCatalog(
  db: Kysely<Tables>,
  { timers, bulkWrite = (_db, write) => write() }: SqlCatalogOptions,
): Catalog {
  const endWatches = new Set<() => Promise<void>>();
  const looking = createWorking();
  const load = () =>
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(readCatalog);

  /** @param from the only version that may be replaced. @returns undefined when it is another */
  function replace(next: CatalogContent, from?: number): Promise<number | undefined> {
    return db.transaction().execute(async (transaction) => {
      // First, so that concurrent replaces queue on the lock of this row.
      const version = await raiseVersion(transaction, from);
      if (version !== undefined) {
        await bulkWrite(transaction, () => replaceRows(transaction, next));
      }
      return version;
    });
  }

  return {
    load,
    replace: async (next) => {
      const version = await replace(next);
      if (version === undefined) throw new Error('the catalogue has no version');
      return version;
    },
    begin: async (first) => (await replace(first, 0)) !== undefined,
    watch(knownVersion, listener) {
      // Not only a higher one: tables that were dropped and recreated start from 0.
      const readOther = async (version: number) =>
        (await lookForVersion(db)) === version ? undefined : await load();
      const looks = looking.part();
      const end = startPolling({ timers, knownVersion, readOther, listener, looking: looks });
      endWatches.add(end);
      return () => {
        endWatches.delete(end);
        void end();
      };
    },
    isWorking: looking.isWorking,
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(endWatches, (end) => end()));
      await db.destroy();
    },
  };
}

type Polling = {
  readonly timers: Timers;
  readonly knownVersion: number;
  readonly readOther: (version: number) => Promise<CatalogVersion | undefined>;
  readonly listener: (version: CatalogVersion) => void;
  readonly looking: WorkingPart;
};

/** @returns a function that ends it, and settles when no read is under way. */
function startPolling(polling: Polling): () => Promise<void> {
  const { timers, readOther, listener, looking } = polling;
  let seenVersion = polling.knownVersion;
  let ended = false;
  let callOff = () => {};
  let polled: Promise<void> = Promise.resolve();

  async function poll(): Promise<void> {
    const next = await readOther(seenVersion).catch(() => null);
    if (ended) return;
    schedule();
    if (next === null) return looking.failed();
    looking.works();
    if (next === undefined) return;
    seenVersion = next.version;
    listener(next);
  }
  function schedule(): void {
    callOff = timers.after(POLL_MS, () => {
      polled = poll();
    });
  }

  schedule();
  return () => {
    ended = true;
    callOff();
    looking.works();
    return polled;
  };
}

async function readVersion(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('catalog_version').select('version').executeTakeFirstOrThrow();
  return row.version;
}

/** The version, as long as every table of the catalogue is there. */
async function lookForVersion(db: Kysely<Tables>): Promise<number | undefined> {
  const { rows } = await sql<{ version: number }>`
    select version,
      (select max(position) from supply where position < 0) as supplies,
      (select max(position) from bidder where position < 0) as bidders,
      (select max(position) from supply_bidder where supply_id = '') as links
    from catalog_version`.execute(db);
  return rows[0]?.version;
}

async function readCatalog(db: Transaction<Tables>): Promise<CatalogVersion> {
  const version = await readVersion(db);
  const bidders = await readBidders(db);
  const supplies = await readSupplies(db);
  await readLinks(db, { supplies, bidders });
  return { version, supplies: [...supplies.values()], bidders: [...bidders.values()] };
}

async function readBidders(db: Transaction<Tables>): Promise<Map<string, Bidder>> {
  const bidders = new Map<string, Bidder>();
  await forEachRow(
    (last) =>
      db
        .selectFrom('bidder')
        .select(['id', 'position', 'country'])
        .where('position', '>', last?.position ?? -1)
        .orderBy('position')
        .limit(PAGE_ROWS)
        .execute(),
    ({ id, country }: { id: string; position: number; country: string | null }) => {
      bidders.set(id, { id, country });
    },
  );
  return bidders;
}

type SupplyDraft = Supply & { readonly bidderIds: string[] };

async function readSupplies(db: Transaction<Tables>): Promise<Map<string, SupplyDraft>> {
  const supplies = new Map<string, SupplyDraft>();
  await forEachRow(
    (last) =>
      db
        .selectFrom('supply')
        .select(['id', 'position', 'floor_micros', 'auction_type', 'increment_micros'])
        .where('position', '>', last?.position ?? -1)
        .orderBy('position')
        .limit(PAGE_ROWS)
        .execute(),
    (row: Tables['supply']) => {
      supplies.set(row.id, {
        id: row.id,
        floorMicros: toMicros(row.floor_micros),
        auctionType: row.auction_type,
        incrementMicros: toMicros(row.increment_micros),
        bidderIds: [],
      });
    },
  );
  return supplies;
}

type Found = {
  readonly supplies: ReadonlyMap<string, SupplyDraft>;
  readonly bidders: ReadonlyMap<string, Bidder>;
};

async function readLinks(db: Transaction<Tables>, { supplies, bidders }: Found): Promise<void> {
  await forEachRow(
    (last) =>
      db
        .selectFrom('supply_bidder')
        .select(['supply_id', 'bidder_id', 'position'])
        .where(({ eb, refTuple, tuple }) =>
          eb(
            refTuple('supply_id', 'position'),
            '>',
            tuple(last?.supply_id ?? '', last?.position ?? -1),
          ),
        )
        .orderBy('supply_id')
        .orderBy('position')
        .limit(PAGE_ROWS)
        .execute(),
    (row: Tables['supply_bidder']) => {
      // The bidder's own id, so that a million rows do not keep a million equal strings.
      const bidderId = bidders.get(row.bidder_id)?.id ?? row.bidder_id;
      supplies.get(row.supply_id)?.bidderIds.push(bidderId);
    },
  );
}

async function forEachRow<Row>(
  readPage: (last: Row | undefined) => Promise<Row[]>,
  use: (row: Row) => void,
): Promise<void> {
  let last: Row | undefined;
  do {
    const rows = await readPage(last);
    rows.forEach(use);
    last = rows.at(-1);
    await yieldToEventLoop();
  } while (last !== undefined);
}

async function raiseVersion(db: Transaction<Tables>, from?: number): Promise<number | undefined> {
  // What the tables had before they were dropped and made again.
  const past = sql<number>`coalesce(
    (select is_locked from kysely_migration_lock where id = 'catalog_version'), 0)`;
  const row = await db
    .updateTable('catalog_version')
    .set({ version: sql<number>`case when version < ${past} then ${past} else version end + 1` })
    .$if(from !== undefined, (update) => update.where('version', '=', from ?? 0))
    .returning('version')
    .executeTakeFirst();
  return row?.version;
}

async function replaceRows(db: Transaction<Tables>, next: CatalogContent): Promise<void> {
  await db.deleteFrom('supply_bidder').execute();
  await db.deleteFrom('supply').execute();
  await db.deleteFrom('bidder').execute();
  await insertInPages(db, 'bidder', bidderRows(next));
  await insertInPages(db, 'supply', supplyRows(next));
  await insertInPages(db, 'supply_bidder', linkRows(next));
}

function* bidderRows({ bidders }: CatalogContent): Generator<Tables['bidder']> {
  for (const [position, { id, country }] of bidders.entries()) yield { id, position, country };
}

function* supplyRows({ supplies }: CatalogContent): Generator<Tables['supply']> {
  for (const [position, supply] of supplies.entries()) {
    yield {
      id: supply.id,
      position,
      floor_micros: supply.floorMicros,
      auction_type: supply.auctionType,
      increment_micros: supply.incrementMicros,
    };
  }
}

function* linkRows({ supplies }: CatalogContent): Generator<Tables['supply_bidder']> {
  // In the order of the primary key: appending to its index is several times faster.
  const sorted = supplies.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  for (const { id, bidderIds } of sorted) {
    for (const [position, bidderId] of bidderIds.entries()) {
      yield { supply_id: id, bidder_id: bidderId, position };
    }
  }
}

async function insertInPages<Table extends keyof Tables>(
  db: Transaction<Tables>,
  table: Table,
  rows: Iterable<Insertable<Tables[Table]>>,
): Promise<void> {
  let page: Insertable<Tables[Table]>[] = [];
  let fullPage: CompiledQuery | undefined;
  for (const row of rows) {
    page.push(row);
    if (page.length < PAGE_ROWS) continue;
    // Compiling costs more than inserting, and every full page has the same statement.
    fullPage ??= db.insertInto(table).values(page).compile();
    await db.executeQuery({ ...fullPage, parameters: page.flatMap((it) => Object.values(it)) });
    page = [];
    await yieldToEventLoop();
  }
  if (page.length > 0) await db.insertInto(table).values(page).execute();
}

function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
