import { itemBookContract } from '../../src/live/port/item-book.contract.ts';
import type { OpenBook } from '../support/item-book-bench.ts';
import { createRuleBook, createRuleStore, type RuleStore } from './rule-book.ts';

function openOn(store: RuleStore): OpenBook {
  return async ({ clock }) => ({
    book: createRuleBook(clock, store),
    outboxAll: async () => [...store.outbox],
    reopen: () => openOn(structuredClone(store))({ clock }),
    failStore() {
      store.failing = true;
      return () => {
        store.failing = false;
      };
    },
  });
}

itemBookContract('a book of the pure rules', (options) => openOn(createRuleStore())(options));
