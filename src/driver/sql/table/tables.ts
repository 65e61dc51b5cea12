/**
 * The tables of the catalogue as Kysely sees them, the same in SQLite and PostgreSQL.
 *
 * Whole numbers are JavaScript numbers: a PostgreSQL driver must parse `bigint` as such.
 */
import type { AuctionType } from '../../../exchange/rule/supply.ts';

export type Tables = {
  supply: {
    id: string;
    position: number;
    floor_micros: number;
    auction_type: AuctionType;
    increment_micros: number;
  };
  bidder: {
    id: string;
    position: number;
    country: string | null;
  };
  supply_bidder: {
    supply_id: string;
    bidder_id: string;
    position: number;
  };
  /** One row. */
  catalog_version: {
    id: number;
    version: number;
  };
};
