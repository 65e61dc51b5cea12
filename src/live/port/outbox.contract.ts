/** The contract of an outbox: that of a log, which the book fills; every driver passes the same suite. */
import { bidOf, definitionOf } from '../../../test/support/live-item.ts';
import type { Clock } from '../../core/clock.ts';
import { logContract, type OpenedLog } from '../../flow/log.contract.ts';
import type { ItemEvent } from '../rule/item.ts';
import type { ItemBook } from './item-book.ts';
import type { Outbox } from './outbox.ts';

export type OpenedOutbox = {
  readonly book: ItemBook;
  readonly outbox: Outbox;
  reopen(): Promise<OpenedOutbox>;
};

export function outboxContract(name: string, open: (clock: Clock) => Promise<OpenedOutbox>): void {
  logContract(name, async (clock) => opened(await open(clock), 0));
}

/** @param placed how many bids the book has taken so far. */
function opened({ book, outbox, reopen }: OpenedOutbox, placed: number): OpenedLog<ItemEvent> {
  let from = placed;
  return {
    log: outbox,
    numberOf: ({ seq }) => seq,
    async append(count) {
      await book.open(definitionOf());
      const first = from;
      from += count;
      const places = Array.from({ length: count }, (_, index) => {
        const at = first + index;
        const command = bidOf({ userId: 'ann', amount: 60 + at * 10 }, at);
        return book.place({ ...command, itemId: 'L1', idempotencyKey: null });
      });
      await Promise.all(places);
    },
    reopen: async () => opened(await reopen(), from),
    [Symbol.asyncDispose]: () => book[Symbol.asyncDispose](),
  };
}
