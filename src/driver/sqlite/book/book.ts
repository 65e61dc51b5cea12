/**
 * The item book in SQLite: the pure rule decides in memory at once, and all that was decided in one
 * turn of the event loop is made durable by one commit before any of it is answered.
 *
 * Calls are decided one after another in the order they come, each on what the one before left. An
 * answer that rests on what is not committed yet waits for that commit, also a refusal and a read.
 * When the commit fails everyone in it gets `NotDecidedError`, the items that it touched are thrown
 * away, and the next call reads them from the file again. A retraction commits what waits first.
 */
import type { Clock } from '../../../core/clock.ts';
import {
  type ItemBook,
  NotDecidedError,
  type PlaceAnswer,
  type PlaceCommand,
} from '../../../live/port/item-book.ts';
import type { ItemDefinition, ItemState } from '../../../live/rule/item.ts';
import { newItem } from '../../../live/rule/life.ts';
import type { SqliteLimit } from '../file/limit.ts';
import type { TurnCommit } from '../file/turn-commit.ts';
import { createHeldItems, type HeldItem } from './held-items.ts';
import { createItemDecider } from './item-decider.ts';
import type { ItemRows } from './item-rows.ts';
import type { OutboxWriter } from './outbox-batch.ts';
import { createPendingDecisions } from './pending-decisions.ts';

export type SqliteItemBookParts = {
  readonly rows: ItemRows;
  readonly outbox: OutboxWriter;
  readonly commit: TurnCommit;
  readonly clock: Clock;
  readonly limit: SqliteLimit;
  /** Names a new item's epoch. */
  readonly nextEpoch: () => string;
};

export function createSqliteItemBook(
  parts: SqliteItemBookParts,
): Omit<ItemBook, typeof Symbol.asyncDispose> {
  const { rows, outbox, commit, clock, limit, nextEpoch } = parts;
  const items = createHeldItems(rows, limit.bookItems);
  const pending = createPendingDecisions({ rows, outbox, commit, items, limit });
  const decider = createItemDecider({ rows, pending, clock });

  /** Answers when all that the answer rests on is durable; null for an unknown item. */
  function onItem<Answer>(itemId: string, act: (item: HeldItem) => Answer): Promise<Answer | null> {
    const item = items.find(itemId);
    return item === null ? Promise.resolve(null) : pending.whenDurable(item, act(item));
  }

  function open(definition: ItemDefinition): Promise<{ state: ItemState; created: boolean }> {
    const taken = items.find(definition.itemId);
    const item = taken ?? items.add(newItem(definition, nextEpoch(), clock.nowMs()));
    if (taken === null) pending.touch(item);
    return pending.whenDurable(item, { state: item.state, created: taken === null });
  }

  function place(command: PlaceCommand): Promise<PlaceAnswer> {
    pending.demandRoom();
    const { itemId, userId, idempotencyKey } = command;
    const item = items.find(itemId);
    if (item === null) return Promise.resolve({ kind: 'unknown-item' });
    return idempotencyKey === null
      ? pending.whenDurable(item, decider.place(item, command))
      : pending.whenDurable(
          item,
          decider.placeOnce(item, command, { itemId, userId, idempotencyKey }),
        );
  }

  return {
    open: (definition) => attempt(() => open(definition)),
    place: (command) => attempt(() => place(command)),
    close: (itemId, options) =>
      attempt(() => onItem(itemId, (item) => decider.close(item, options))),
    retract: (itemId, options) =>
      attempt(() => {
        commit.flush();
        return onItem(itemId, (item) => decider.retract(item, options));
      }),
    read: (itemId) => attempt(() => onItem(itemId, ({ state }) => state)),
  };
}

/** An item that SQLite cannot read is not decided, as after a failed commit. */
function attempt<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof NotDecidedError) return Promise.reject(cause);
    return Promise.reject(new NotDecidedError('the book cannot read its file', { cause }));
  }
}
