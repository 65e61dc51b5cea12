/** The subscribers of the embedded bus that keep no place. */
import type { Working } from '../../../core/working.ts';
import type { BusHandler } from '../../../flow/bus.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';

export type PassingReaders = {
  /** Waits for none of them. */
  give(events: readonly ItemEvent[]): void;
  /** @returns what ends it */
  add(handler: BusHandler<ItemEvent>): () => Promise<void>;
};

export type PassingReadersParts = {
  readonly working: Working;
  readonly onError: (error: unknown) => void;
};

export function createPassingReaders({ working, onError }: PassingReadersParts): PassingReaders {
  const readers = new Set<(events: readonly ItemEvent[]) => Promise<void>>();

  function add(handler: BusHandler<ItemEvent>): () => Promise<void> {
    const part = working.part();
    const read = async (events: readonly ItemEvent[]) => {
      try {
        await handler(events);
        part.works();
      } catch (error) {
        onError(error);
        if (readers.has(read)) part.failed();
      }
    };
    readers.add(read);
    return async () => {
      readers.delete(read);
      part.works();
    };
  }

  return {
    give: (events) => {
      for (const read of readers) void read(events);
    },
    add,
  };
}
