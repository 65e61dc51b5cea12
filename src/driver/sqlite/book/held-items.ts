/** The items that the book has in memory, read from their rows when they are first asked for. */
import type { BidRecord, ItemState } from '../../../live/rule/item.ts';
import type { ItemRows } from './item-rows.ts';

export type HeldItem = {
  state: ItemState;
  /** Whether it holds anything that is not committed yet. */
  isTouched: boolean;
  /** Accepted bids that are not committed yet. */
  readonly bids: BidRecord[];
  /** Idempotency keys by the user that has used some since the item is held, at least as many as are kept. */
  readonly keyCounts: Map<string, number>;
};

export type HeldItems = ReturnType<typeof createHeldItems>;

/** @param mostItems a soft bound: what is not committed is never dropped. */
export function createHeldItems(rows: Pick<ItemRows, 'find'>, mostItems: number) {
  const items = new Map<string, HeldItem>();

  function add(state: ItemState): HeldItem {
    const item: HeldItem = { state, isTouched: false, bids: [], keyCounts: new Map() };
    items.set(state.itemId, item);
    if (items.size > mostItems) dropOldest(item);
    return item;
  }

  /** The longest held goes, hot or not: reading it again costs less than following every use. */
  function dropOldest(added: HeldItem): void {
    for (const [itemId, item] of items) {
      // What was asked for just now is about to be decided on.
      if (item.isTouched || item === added) continue;
      items.delete(itemId);
      return;
    }
  }

  return {
    find: (itemId: string): HeldItem | null => {
      const held = items.get(itemId);
      if (held !== undefined) return held;
      const state = rows.find(itemId);
      return state === null ? null : add(state);
    },
    add,
    drop: (item: HeldItem): void => {
      items.delete(item.state.itemId);
    },
  };
}
