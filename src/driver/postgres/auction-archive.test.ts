import { beforeAll } from 'bun:test';
import { newArchives, pooled, SERVERS_START_MS } from '../../../test/support/postgres-store.ts';
import { sharedPgBouncer } from '../../../test/support/servers.ts';
import { auctionArchiveContract } from '../../exchange/port/auction-archive.contract.ts';

beforeAll(async () => {
  await sharedPgBouncer();
}, SERVERS_START_MS);

auctionArchiveContract(
  'the auction archive in PostgreSQL',
  async () => (await newArchives()).auctions,
);
auctionArchiveContract(
  'the auction archive in PostgreSQL through PgBouncer',
  async () => (await newArchives(pooled)).auctions,
);
