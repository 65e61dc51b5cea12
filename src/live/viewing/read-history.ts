/** The events of an item from the archive; null when it cannot be read, which holds nobody up. */
import { ArchiveUnavailableError } from '../../flow/archive.ts';
import type { Archive, HistoryPage } from '../port/item-archive.ts';
import type { ItemEvent } from '../rule/item.ts';

export type HistoryParts = { readonly archive: Archive; onError(error: unknown): void };

export async function readHistory(
  page: HistoryPage,
  { archive, onError }: HistoryParts,
): Promise<readonly ItemEvent[] | null> {
  try {
    return await archive.read(page);
  } catch (error) {
    // That it is away is told elsewhere, and not once for each viewer.
    if (!(error instanceof ArchiveUnavailableError)) onError(error);
    return null;
  }
}
