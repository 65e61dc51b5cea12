/**
 * Takes bids back: counts the history of an item again, however long it is, in pieces between which the
 * event loop does other work.
 *
 * Bids that come meanwhile are read as the last piece; it and the decision are one turn. One retraction
 * at a time: a second one reads what the first has left.
 */
import type { Clock } from '../../../core/clock.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import { createRecount, takeBack, type Unwanted } from '../../../live/rule/retract.ts';
import type { TurnCommit } from '../file/turn-commit.ts';
import type { BidHistory } from './bid-history.ts';
import type { HeldItems } from './held-items.ts';
import type { PendingDecisions } from './pending-decisions.ts';

export type RetractionParts = {
  readonly history: Pick<BidHistory, 'reader'>;
  readonly items: Pick<HeldItems, 'find'>;
  readonly pending: Pick<PendingDecisions, 'takeBack' | 'addEvent' | 'whenDurable'>;
  readonly commit: Pick<TurnCommit, 'flush'>;
  readonly clock: Clock;
};

export type RetractOptions = { readonly eventId: string; readonly unwanted: Unwanted };

export function createRetractions({ history, items, pending, commit, clock }: RetractionParts) {
  const alone = createLane();

  async function retract(itemId: string, options: RetractOptions): Promise<ItemEvent | null> {
    const found = items.find(itemId);
    if (found === null) return null;
    // The policy never changes; the state is looked up again when all is counted.
    const recount = createRecount(found.state.policy, options.unwanted);
    const reader = history.reader(itemId);
    do {
      while (reader.read(recount.add)) await nextTurn();
      // What waits to be written is the last piece; from here on nothing comes in between.
      commit.flush();
    } while (reader.read(recount.add));
    const item = items.find(itemId);
    if (item === null) return null;
    const retracted = takeBack(item.state, { ...options, recount }, clock.nowMs());
    if (retracted === null) return pending.whenDurable(item, null);
    item.state = retracted.state;
    pending.takeBack(item, options.unwanted);
    pending.addEvent(item, retracted.event);
    return pending.whenDurable(item, retracted.event);
  }

  return (itemId: string, options: RetractOptions) => alone(() => retract(itemId, options));
}

function createLane() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
