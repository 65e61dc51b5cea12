/** Bids taken back from items with many bids: the same as by the pure rule, and in little time. */
import { describe, expect, test } from 'bun:test';
import { openRedisServer } from '../../../../deploy/local/redis.ts';
import { createRuleBook, createRuleStore } from '../../../../test/golden/rule-book.ts';
import { withoutEpochs } from '../../../../test/support/book-player.ts';
import { definitionOf, units } from '../../../../test/support/live-item.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { openRedisBook } from '../../../../test/support/opened-redis-book.ts';
import { connectRedis } from '../../../../test/support/redis-connection.ts';
import { sharedRedisConnection } from '../../../../test/support/shared-redis-connection.ts';
import { createRandom } from '../../../core/random.ts';
import type { ItemBook, PlaceCommand } from '../../../live/port/item-book.ts';
import type { RedisStrategy } from '../item-book.ts';

const FINE = { increment: { kind: 'fixed', amountMicros: units(1) } } as const;
const STRATEGIES = ['lua', 'optimistic'] as const satisfies RedisStrategy[];

function commandOf(number: number, wish: { amount?: number; max?: number }): PlaceCommand {
  return {
    itemId: 'L1',
    bidId: `bid${number}`,
    eventId: `event${number}`,
    userId: `user${number % 5}`,
    amountMicros: wish.amount === undefined ? null : units(wish.amount),
    maxMicros: wish.max === undefined ? null : units(wish.max),
    buyNow: false,
    idempotencyKey: null,
  };
}

/** Straight bids with a maximum now and then, some of which lead for long. */
function commandsOf(seed: number, count: number): PlaceCommand[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, number) => {
    const amount = 50 + number * 4;
    if (random.next() < 0.004) return commandOf(number, { max: amount + random.integer(0, 2_000) });
    return commandOf(number, { amount: amount + random.integer(0, 3) });
  });
}

async function placeAll(book: ItemBook, commands: readonly PlaceCommand[]): Promise<void> {
  await Promise.all(commands.map((command) => book.place(command)));
}

for (const seed of [1, 2, 3]) {
  test(`a bid is taken back as the rule does it, however many bids there are (${seed})`, async () => {
    const connection = await sharedRedisConnection();
    const clock = createManualClock();
    const store = createRuleStore();
    const rule = createRuleBook(clock, store);
    const opened = openRedisBook({ connection, strategy: 'lua', clock });
    await using book = opened.book;
    const { prefix } = opened;
    await using other = openRedisBook({ connection, strategy: 'optimistic', clock, prefix }).book;
    const definition = definitionOf({ ...FINE, reserveMicros: units(400) });
    for (const one of [book, rule]) await one.open(definition);
    const random = createRandom(seed);
    const commands = commandsOf(seed, 2_500);
    const marksKey = opened.buckets.keys(0).marks('L1');
    let mostMarks = 0;
    for (let placed = 0; placed < commands.length; ) {
      const batch = commands.slice(placed, placed + random.integer(1, 60));
      placed += batch.length;
      await placeAll(book, batch);
      await placeAll(rule, batch);
      mostMarks = Math.max(mostMarks, await connection.client.llen(marksKey));
      for (let round = 0; round < 2; round++) {
        const options = {
          eventId: `back${placed}-${round}`,
          unwanted:
            random.next() < 0.1
              ? { userId: `user${random.integer(0, 6)}`, ban: false }
              : { bidId: `bid${random.integer(0, placed)}` },
        };
        const by = random.next() < 0.01 ? other : book;
        const [told, expected] = [
          await by.retract('L1', options),
          await rule.retract('L1', options),
        ];
        expect(withoutEpochs([told])).toEqual(withoutEpochs([expected]));
      }
      expect(withoutEpochs([await book.read('L1')])).toEqual(
        withoutEpochs([await rule.read('L1')]),
      );
    }
    expect(mostMarks).toBeGreaterThan(2);
  }, 30_000);
}

for (const strategy of STRATEGIES) {
  test(`after the bid that has led all along, the newest is taken back as well (${strategy})`, async () => {
    const connection = await sharedRedisConnection();
    const clock = createManualClock();
    const rule = createRuleBook(clock, createRuleStore());
    const opened = openRedisBook({ connection, strategy: 'lua', clock });
    await using book = opened.book;
    const { prefix } = opened;
    await using other = openRedisBook({ connection, strategy, clock, prefix }).book;
    const count = 600;
    const commands = Array.from({ length: count }, (_, number) =>
      commandOf(number, number === 0 ? { max: 100_000 } : { amount: 50 + number * 4 }),
    );
    for (const one of [book, rule]) {
      await one.open(definitionOf(FINE));
      for (const command of commands) await one.place(command);
      const by = one === book ? other : one;
      await by.retract('L1', { eventId: 'back-leader', unwanted: { bidId: 'bid0' } });
      await one.retract('L1', { eventId: 'back-newest', unwanted: { bidId: `bid${count - 1}` } });
    }
    expect(await book.read('L1')).toMatchObject({ leaderId: `user${(count - 2) % 5}` });
    expect(withoutEpochs([await book.read('L1')])).toEqual(withoutEpochs([await rule.read('L1')]));
  });
}

describe('of an item with 100,000 bids', () => {
  const COUNT = 100_000;
  const SLOW_US = 50_000;
  for (const strategy of STRATEGIES) {
    test(`a bid is taken back, and none is refused meanwhile (${strategy})`, async () => {
      await using server = await openRedisServer({ appendFsync: 'no' });
      await using connection = await connectRedis(server);
      const filling = openRedisBook({ connection, strategy: 'lua', clock: null });
      await using _filling = filling.book;
      const { prefix } = filling;
      await using book = openRedisBook({ connection, strategy, clock: null, prefix }).book;
      await book.open(definitionOf(FINE));
      for (let placed = 0; placed < COUNT; placed += 500) {
        const numbers = Array.from({ length: 500 }, (_, index) => placed + index);
        await placeAll(
          filling.book,
          numbers.map((number) => commandOf(number, { amount: 50 + number })),
        );
      }
      await connection.client.call('CONFIG', 'SET', 'slowlog-log-slower-than', `${SLOW_US}`);
      await connection.client.call('SLOWLOG', 'RESET');
      const retract = (bidId: string) =>
        book.retract('L1', { eventId: `back-${bidId}`, unwanted: { bidId } });
      const middle = `bid${COUNT / 2}`;
      const calls = [retract(middle), retract(middle), retract('nobody'), retract('bid0')];
      const next = filling.book.place(commandOf(COUNT, { amount: 50 + COUNT }));
      expect(await Promise.all(calls)).toEqual([
        expect.objectContaining({ retractedBidId: middle }),
        null,
        null,
        expect.objectContaining({ retractedBidId: 'bid0' }),
      ]);
      expect(await next).toMatchObject({ kind: 'accepted' });
      expect(await connection.client.call('SLOWLOG', 'LEN')).toBe(0);
      expect(connection.isUp()).toBe(true);
      expect(await book.read('L1')).toMatchObject({ bidCount: COUNT - 1, seq: COUNT + 3 });
    }, 30_000);
  }
});
