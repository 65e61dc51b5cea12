/** Reads an item's history across its branches: the events before a branch are those of the epoch before. */
import type { Archive, HistoryPage } from '../../../live/port/item-archive.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import type { BookLineage } from './book-lineage.ts';

/** @param archive any: the branches are the book's. */
export function readThroughBranches(
  archive: Archive,
  { branchOf }: Pick<BookLineage, 'branchOf'>,
): Archive {
  async function read(page: HistoryPage): Promise<readonly ItemEvent[]> {
    const { itemId, epoch, afterSeq, limit } = page;
    const branch = epoch === null ? null : branchOf(itemId, epoch);
    if (epoch === null || branch === null || afterSeq >= branch.seq) return archive.read(page);
    const before = await read({ ...page, epoch: branch.epoch });
    const shared = before
      .filter(({ seq }) => seq <= branch.seq)
      .map((event): ItemEvent => ({ ...event, epoch }));
    if (shared.length === limit) return shared;
    const rest = { ...page, afterSeq: branch.seq, limit: limit - shared.length };
    return [...shared, ...(await archive.read(rest))];
  }

  return { ...archive, read };
}
