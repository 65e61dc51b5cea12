/** Whether the files of the live auctions belong together: asked once, before anything is decided. */
import { createIdMaker } from '../../../core/id.ts';
import { type Agreement, agreeOnLineage } from '../../../driver/sqlite/lineage/agreement.ts';
import type { BookLineage } from '../../../driver/sqlite/lineage/book-lineage.ts';
import type { FollowerLineage } from '../../../driver/sqlite/lineage/follower-lineage.ts';
import type { NodeParts } from '../parts.ts';
import { systemRandom } from '../random.ts';

export type Kin = {
  readonly book: BookLineage;
  readonly followers: readonly FollowerLineage[];
};

/** Health names what was lost until the next start. @throws LineageError when a person has to decide. */
export function agreeAsKin({ book, followers }: Kin, parts: NodeParts): void {
  const { clock, health } = parts;
  const agreement = agreeOnLineage({
    book,
    followers,
    nextId: createIdMaker('lineage', clock, systemRandom()),
    nextEpoch: createIdMaker('epoch', clock, systemRandom()),
  });
  warn(agreement, parts);
  const { ahead, begun } = agreement;
  if (ahead.length > 0 || begun.includes('archive.db')) {
    health.add({ name: 'history', isUp: () => false });
  }
}

function warn({ ahead, begun }: Agreement, { log }: NodeParts): void {
  if (ahead.length > 0) {
    log.warn({ ahead }, 'live.db is older than the files beside it: its items begin a new epoch');
  }
  if (begun.length > 0) {
    log.warn({ begun }, 'files begin anew beside live.db: what they held before is missing');
  }
}
