/** The setting of the item book's contract: a book, a manual clock, bids in units. */
import type { Clock } from '../../src/core/clock.ts';
import type { ItemBook, PlaceAnswer } from '../../src/live/port/item-book.ts';
import type { ItemDefinition, ItemEvent, ItemPolicy, ItemState } from '../../src/live/rule/item.ts';
import { bidOf, definitionOf, type Wish } from './live-item.ts';
import type { ManualClock } from './manual-clock.ts';

export type OpenedBook = {
  readonly book: ItemBook;
  /** Every event of the outbox, oldest first. */
  outboxAll(): Promise<readonly ItemEvent[]>;
  reopen?(): Promise<OpenedBook>;
  failStore?(): () => void;
};

export type OpenBook = (options: { clock: Clock }) => Promise<OpenedBook>;

export type Bench = OpenedBook & {
  readonly clock: ManualClock;
  openItem(policy?: Partial<ItemPolicy>, times?: Partial<ItemDefinition>): Promise<ItemState>;
  bid(wish: Placing): Promise<PlaceAnswer>;
};

export type Placing = Wish & { key?: string; itemId?: string };
export type Scene = (sentence: string, act: (bench: Bench) => Promise<void>) => void;

let commands = 0;

export function benchOf(opened: OpenedBook, clock: ManualClock): Bench {
  return {
    ...opened,
    clock,
    openItem: async (policy, times) => (await opened.book.open(definitionOf(policy, times))).state,
    bid: ({ key, itemId = 'L1', ...wish }) => {
      commands += 1;
      const bid = bidOf(wish, commands);
      return opened.book.place({ ...bid, itemId, idempotencyKey: key ?? null });
    },
  };
}

export const DUE = { eventId: 'closing', force: false };
export const FORCED = { eventId: 'closing', force: true };

export function acceptedIn(answers: readonly PlaceAnswer[]): AcceptedAnswer[] {
  return answers.filter((answer) => answer.kind === 'accepted');
}

export type AcceptedAnswer = Extract<PlaceAnswer, { kind: 'accepted' }>;

/** The answer, which has to be an accepted one. */
export async function accepted(answer: Promise<PlaceAnswer>): Promise<AcceptedAnswer> {
  const [first] = acceptedIn([await answer]);
  if (first === undefined) throw new Error(`not accepted: ${JSON.stringify(await answer)}`);
  return first;
}
