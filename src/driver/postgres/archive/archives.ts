/** Both archives of one PostgreSQL, over the same few connections. */
import type { AuctionArchive } from '../../../exchange/port/auction-archive.ts';
import type { Archive } from '../../../live/port/item-archive.ts';
import { createPostgresAuctionArchive } from '../auction-archive.ts';
import { createPostgresArchive } from '../item-archive.ts';
import type { PostgresTime } from '../line/database.ts';
import { type ArchivePlace, openArchiveDatabase } from './archive-database.ts';

export type PostgresArchives = AsyncDisposable & {
  /** Disposing of one closes both. */
  readonly items: Archive;
  readonly auctions: AuctionArchive;
  /** Whether the primary answers. */
  isUp(): boolean;
  /** Whether the replica answers and is not too far behind; true when there is none. */
  isReplicaUp(): boolean;
};

/** Opening does not wait for PostgreSQL: calls reject while it is away. */
export function openPostgresArchives(place: ArchivePlace, time: PostgresTime): PostgresArchives {
  const database = openArchiveDatabase(place, time);
  const close = () => database[Symbol.asyncDispose]();
  return {
    items: { ...createPostgresArchive(database), [Symbol.asyncDispose]: close },
    auctions: { ...createPostgresAuctionArchive(database), [Symbol.asyncDispose]: close },
    isUp: database.isUp,
    isReplicaUp: database.isReplicaUp,
    [Symbol.asyncDispose]: close,
  };
}
