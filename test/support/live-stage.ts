/** A book, a bus and an archive in memory, joined by hand: what is relayed and archived, and when. */
import type { Clock } from '../../src/core/clock.ts';
import type { ItemDefinition, ItemEvent, ItemState } from '../../src/live/rule/item.ts';
import type { Archive } from '../../src/port/archive.ts';
import type { Bus, BusHandler } from '../../src/port/bus.ts';
import type { ItemBook } from '../../src/port/item-book.ts';
import { createRuleBook, createRuleStore } from '../golden/rule-book.ts';
import { definitionOf, units } from './live-item.ts';

export type LiveStage = {
  readonly book: ItemBook;
  readonly bus: Bus;
  readonly archive: Archive;
  /** Every event that the book has made. */
  readonly events: readonly ItemEvent[];
  open(definition?: ItemDefinition): Promise<ItemState>;
  /** Decides a bid of `units`, of which the bus knows nothing yet. */
  decide(userId: string, amount: number, itemId?: string): Promise<void>;
  /** Brings what was decided since the last time to the archive and the bus. */
  relay(): Promise<void>;
  /** Forgets what was decided since the last time: the bus and the archive never get it. */
  lose(): void;
  /** Brings it to the archive alone. */
  archiveOnly(): Promise<void>;
  bid(userId: string, amount: number, itemId?: string): Promise<void>;
  close(itemId?: string): Promise<void>;
};

export function createLiveStage(clock: Clock): LiveStage {
  const store = createRuleStore();
  const book = createRuleBook(clock, store);
  const bus = createTestBus();
  const archive = createTestArchive();
  let relayed = 0;
  let bids = 0;

  function fresh(): ItemEvent[] {
    const events = store.outbox.slice(relayed);
    relayed = store.outbox.length;
    return events;
  }

  async function decide(userId: string, amount: number, itemId = 'L1'): Promise<void> {
    bids += 1;
    const ids = { bidId: `bid${bids}`, eventId: `event${bids}`, idempotencyKey: null };
    const bid = { userId, amountMicros: units(amount), maxMicros: null, buyNow: false };
    await book.place({ itemId, ...ids, ...bid });
  }

  async function relay(): Promise<void> {
    const events = fresh();
    await archive.append(events);
    await bus.publish(events);
  }

  return {
    book,
    bus,
    archive,
    events: store.outbox,
    open: async (definition = definitionOf()) => (await book.open(definition)).state,
    decide,
    relay,
    lose: () => {
      fresh();
    },
    archiveOnly: () => archive.append(fresh()),
    async bid(userId, amount, itemId) {
      await decide(userId, amount, itemId);
      await relay();
    },
    async close(itemId = 'L1') {
      await book.close(itemId, { eventId: `end-${itemId}`, force: true });
      await relay();
    },
  };
}

function createTestBus(): Bus {
  const handlers = new Set<BusHandler>();
  return {
    async publish(events) {
      for (const handler of handlers) await handler(events);
    },
    async subscribe(_durableName, handler) {
      handlers.add(handler);
      return async () => {
        handlers.delete(handler);
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}

function createTestArchive(): Archive {
  const kept = new Map<string, ItemEvent>();
  return {
    async append(events) {
      for (const event of events) kept.set(event.eventId, event);
    },
    async read({ itemId, epoch, afterSeq, limit }) {
      const events = Array.from(kept.values())
        .filter((event) => event.itemId === itemId && event.epoch === (epoch ?? event.epoch))
        .filter((event) => event.seq > afterSeq)
        .sort((left, right) => left.seq - right.seq);
      return events.filter(({ seq }, index) => seq === afterSeq + index + 1).slice(0, limit);
    },
    async [Symbol.asyncDispose]() {},
  };
}
