/** Plays random commands on a book, and returns everything visible from outside. */
import type { ItemBook } from '../../src/live/port/item-book.ts';
import { type BookStep, type OpenStep, type PlaceStep, STEP_ITEMS } from './book-steps.ts';
import type { ManualClock } from './manual-clock.ts';

export type BookPlayer = {
  /** What the step was answered, and the states behind it. */
  play(step: BookStep): Promise<unknown>;
};

/** Advances the clock itself: each book needs its own. */
export function createBookPlayer(book: ItemBook, clock: ManualClock): BookPlayer {
  let commands = 0;

  function open({ itemId, name, policy, opensInMs, closesInMs }: OpenStep) {
    const nowMs = clock.nowMs();
    const fromNow = (ms: number | null) => (ms === null ? null : nowMs + ms);
    const softClose = policy.softClose && {
      ...policy.softClose,
      absoluteEndMs: fromNow(policy.softClose.absoluteEndMs),
    };
    return book.open({
      itemId,
      name,
      policy: { ...policy, softClose },
      opensAtMs: fromNow(opensInMs),
      closesAtMs: fromNow(closesInMs),
    });
  }

  function place(bid: PlaceStep) {
    commands += 1;
    return book.place({ ...bid, bidId: `bid${commands}`, eventId: `event${commands}` });
  }

  async function placeAll(bids: readonly PlaceStep[], atOnce: boolean) {
    if (atOnce) return Promise.all(bids.map(place));
    const answers = [];
    for (const bid of bids) answers.push(await place(bid));
    return answers;
  }

  async function answer(step: BookStep): Promise<unknown> {
    const eventId = `other${++commands}`;
    switch (step.kind) {
      case 'open':
        return open(step);
      case 'place':
        return placeAll(step.bids, step.atOnce);
      case 'close':
        return book.close(step.itemId, { eventId, force: step.force });
      case 'retract':
        return book.retract(step.itemId, {
          eventId,
          unwanted: { bidId: `bid${commands - 1 - step.bidsAgo}` },
        });
      case 'remove':
        return book.retract(step.itemId, { eventId, unwanted: step.unwanted });
      case 'advance':
        return clock.advance(step.ms);
    }
  }

  return {
    play: async (step) => {
      const told = await answer(step);
      const states = await Promise.all(STEP_ITEMS.map((itemId) => book.read(itemId)));
      return withoutEpochs({ told, states });
    },
  };
}

/** Every book names epochs as it likes. */
export function withoutEpochs(told: unknown): unknown {
  return JSON.parse(JSON.stringify(told ?? null), (key, value) =>
    key === 'epoch' && typeof value === 'string' ? 'epoch' : value,
  );
}
