/** A book, a bus and an archive in memory; the test itself relays and archives events. */
import type { Clock } from '../../src/core/clock.ts';
import type { Bus, BusFollower } from '../../src/flow/bus.ts';
import type { Archive } from '../../src/live/port/item-archive.ts';
import type { ItemBook } from '../../src/live/port/item-book.ts';
import type { ItemDefinition, ItemEvent, ItemState } from '../../src/live/rule/item.ts';
import { createRuleBook, createRuleStore } from '../golden/rule-book.ts';
import { definitionOf, units } from './live-item.ts';

export type LiveStage = {
  readonly book: ItemBook;
  readonly bus: Bus<ItemEvent>;
  readonly archive: Archive;
  /** The error of every archive read; null when the archive is up. */
  archiveFault: Error | null;
  /** Reports possibly missed events, as a bus does after a reconnect. */
  reconnect(): void;
  /** Every event that the book has made. */
  readonly events: readonly ItemEvent[];
  open(definition?: ItemDefinition): Promise<ItemState>;
  /** Decides a bid of `units`, without relaying it. */
  decide(userId: string, amount: number, itemId?: string): Promise<void>;
  /** Sends the events decided since the last call to the archive and the bus. */
  relay(): Promise<void>;
  /** Drops the events decided since the last call: the bus and the archive never get them. */
  lose(): void;
  /** Sends them to the archive alone. */
  archiveOnly(): Promise<void>;
  bid(userId: string, amount: number, itemId?: string): Promise<void>;
  close(itemId?: string): Promise<void>;
};

export function createLiveStage(clock: Clock): LiveStage {
  const store = createRuleStore();
  const book = createRuleBook(clock, store);
  const { bus, reconnect } = createTestBus();
  const kept = createTestArchive();
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
    await kept.append(events);
    await bus.publish(events);
  }

  const stage: LiveStage = {
    book,
    bus,
    archive: {
      ...kept,
      read: async (page) => {
        if (stage.archiveFault !== null) throw stage.archiveFault;
        return kept.read(page);
      },
    },
    archiveFault: null,
    reconnect,
    events: store.outbox,
    open: async (definition = definitionOf()) => (await book.open(definition)).state,
    decide,
    relay,
    lose: () => {
      fresh();
    },
    archiveOnly: () => kept.append(fresh()),
    async bid(userId, amount, itemId) {
      await decide(userId, amount, itemId);
      await relay();
    },
    async close(itemId = 'L1') {
      await book.close(itemId, { eventId: `end-${itemId}`, force: true });
      await relay();
    },
  };
  return stage;
}

function createTestBus() {
  const followers = new Set<BusFollower<ItemEvent>>();
  const bus: Bus<ItemEvent> = {
    async publish(events) {
      for (const { handler } of followers) await handler(events);
    },
    async subscribe(follower) {
      followers.add(follower);
      return async () => {
        followers.delete(follower);
      };
    },
    deadLetters: async () => 0,
    isWorking: () => true,
    async [Symbol.asyncDispose]() {},
  };
  const reconnect = () => {
    for (const { onMissed } of followers) onMissed?.();
  };
  return { bus, reconnect };
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
      return events.slice(0, limit);
    },
    async [Symbol.asyncDispose]() {},
  };
}
