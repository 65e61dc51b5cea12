/** The rows of `stats_counter`: one JSON body a counter, with the position that it stands at. */
import type { Database } from 'bun:sqlite';
import { toMicros } from '../../../core/money.ts';
import {
  type BidderTally,
  createSupplyTally,
  type SupplyTally,
  type Tally,
} from '../../../exchange/rule/tally.ts';

type Row = {
  readonly kind: string;
  readonly id: string;
  readonly position: number;
  readonly body: string;
};

type SupplyBody = {
  readonly requests: number;
  readonly revenueMicros: number;
  readonly byCountry: [string, number][];
  readonly bidders: [string, BidderTally][];
};
type SpenderBody = { readonly spentMicros: number; readonly auctions: number };
type GrandBody = { readonly auctions: number; readonly revenueMicros: number };

export function counterRows(database: Database, tally: Tally) {
  const upsert = database.query(
    `insert into stats_counter (kind, id, position, body) values (?1, ?2, ?3, ?4)
     on conflict (kind, id) do update set position = excluded.position, body = excluded.body`,
  );
  // Rows are first written in the order of their first auction, which a page of supplies follows.
  const all = database.query<Row, []>(
    'select kind, id, position, body from stats_counter order by rowid',
  );

  function write(kind: 'supply' | 'spender', id: string): void {
    const supply = kind === 'supply' ? tally.supplies.get(id) : undefined;
    if (supply !== undefined) upsert.run(kind, id, supply.position, supplyBody(supply));
    const spender = kind === 'spender' ? tally.spenders.get(id) : undefined;
    if (spender === undefined) return;
    const { position, ...body } = spender;
    upsert.run(kind, id, position, JSON.stringify(body));
  }

  function writeGrand(): void {
    const { position, ...body } = tally.grand;
    upsert.run('grand', '', position, JSON.stringify(body));
  }

  /** Fills the tally from the rows; gives the position from which the log must be read. */
  function load(): number {
    let cursor = 0;
    for (const row of all.all()) {
      if (row.kind === 'cursor') cursor = row.position;
      else loadCounter(tally, row);
    }
    return cursor;
  }

  return {
    write,
    writeGrand,
    load,
    writeCursor: (position: number) => upsert.run('cursor', '', position, 'null'),
  };
}

function supplyBody(supply: SupplyTally): string {
  const { requests, revenueMicros, byCountry, bidders } = supply;
  return JSON.stringify({
    requests,
    revenueMicros,
    byCountry: [...byCountry],
    bidders: [...bidders],
  });
}

function loadCounter(tally: Tally, { kind, id, position, body }: Row): void {
  if (kind === 'supply') {
    const { requests, revenueMicros, byCountry, bidders } = JSON.parse(body) as SupplyBody;
    tally.bidderCounters += bidders.length;
    tally.supplies.set(id, {
      ...createSupplyTally(),
      position,
      requests,
      revenueMicros: toMicros(revenueMicros),
      byCountry: new Map(byCountry),
      bidders: new Map(bidders),
    });
  } else if (kind === 'spender') {
    const { spentMicros, auctions } = JSON.parse(body) as SpenderBody;
    tally.spenders.set(id, { position, auctions, spentMicros: toMicros(spentMicros) });
  } else {
    const { auctions, revenueMicros } = JSON.parse(body) as GrandBody;
    Object.assign(tally.grand, { position, auctions, revenueMicros: toMicros(revenueMicros) });
  }
}
