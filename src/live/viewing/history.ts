/** The events of one item in the archive. */
import { ArchiveUnavailableError } from '../../flow/archive.ts';
import type { Archive, HistoryPage } from '../port/item-archive.ts';
import type { ItemEvent } from '../rule/item.ts';

/** The events after `afterSeq`, without a gap; null when the archive cannot be read. */
export type History = (page: Omit<HistoryPage, 'itemId'>) => Promise<readonly ItemEvent[] | null>;

export type HistoryParts = {
  readonly archive: Pick<Archive, 'read'>;
  onError(error: unknown): void;
};

export function createHistory(itemId: string, { archive, onError }: HistoryParts): History {
  return async (page) => {
    try {
      return wholeAfter(page.afterSeq, await archive.read({ itemId, ...page }));
    } catch (error) {
      // An unreachable archive is reported elsewhere, and not once per viewer.
      if (!(error instanceof ArchiveUnavailableError)) onError(error);
      return null;
    }
  };
}

/** Up to the first hole: viewers are shown nothing behind an event that they have not seen. */
function wholeAfter(afterSeq: number, events: readonly ItemEvent[]): readonly ItemEvent[] {
  const gapAt = events.findIndex(({ seq }, index) => seq !== afterSeq + 1 + index);
  return gapAt === -1 ? events : events.slice(0, gapAt);
}
