/**
 * `event-source.ts HOST:PORT PREFIX PER_SECOND SECONDS`: accepted bids at a steady rate, the book
 * alone.
 *
 * It replaces more api nodes than this machine could run. The bids go to items named from the
 * prefix. Prints how many were decided, and in what time.
 */
import { systemClock } from '../../src/core/clock.ts';
import { toMicros } from '../../src/core/money.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers } from '../../src/core/timer.ts';
import { createBuckets } from '../../src/driver/redis/book/bucket.ts';
import { createRedisItemBook } from '../../src/driver/redis/item-book.ts';
import { openRedis } from '../../src/driver/redis/line/connection.ts';
import { FIRST_SIGHT_POLICY } from '../../src/live/rule/definition.ts';

const ITEMS = 20;
const STEP_MICROS = 10_000;
const TICK_MS = 10;
const TIMEOUT_MS = 5_000;

const [address = '', prefix = '', perSecondText = '', secondsText = ''] = process.argv.slice(2);
const [host = '', port = ''] = address.split(':');
const perTick = (Number(perSecondText) * TICK_MS) / 1000;
const total = Number(perSecondText) * Number(secondsText);

await using connection = openRedis(
  {
    mode: 'single',
    addresses: [{ host, port: Number(port) }],
    masterName: null,
    password: null,
    db: 0,
  },
  { timeoutMs: TIMEOUT_MS, clock: systemClock, timers: systemTimers },
);
await connection.whenUp(TIMEOUT_MS);
let epochs = 0;
await using book = createRedisItemBook({
  connection,
  buckets: createBuckets(connection),
  nextEpoch: () => `${prefix}-${++epochs}`,
  random: createRandom(1),
});
for (let place = 0; place < ITEMS; place++) {
  const itemId = `${prefix}-${place}`;
  const item = { itemId, name: itemId, policy: FIRST_SIGHT_POLICY };
  await book.open({ ...item, opensAtMs: null, closesAtMs: null });
}

async function place(number: number): Promise<void> {
  const answer = await book.place({
    itemId: `${prefix}-${number % ITEMS}`,
    userId: `user${number % 1000}`,
    bidId: `bid_${prefix}_${number}`,
    eventId: `evt_${prefix}_${number}`,
    amountMicros: toMicros(number * STEP_MICROS),
    maxMicros: null,
    buyNow: false,
    idempotencyKey: null,
  });
  if (answer.kind !== 'accepted') throw new Error(`a bid was ${answer.kind}`);
}

const startedMs = systemClock.elapsedMs();
const under: Promise<void>[] = [];
for (let tick = 1; under.length < total; tick++) {
  const due = Math.min(total, Math.round(tick * perTick));
  while (under.length < due) under.push(place(under.length + 1));
  await Bun.sleep(Math.max(0, startedMs + tick * TICK_MS - systemClock.elapsedMs()));
}
await Promise.all(under);
console.log(JSON.stringify({ events: total, tookMs: systemClock.elapsedMs() - startedMs }));
