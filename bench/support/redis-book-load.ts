/**
 * `redis-book-load.ts HOST:PORT STRATEGY IN_FLIGHT`: bids on one item for a while, the driver alone.
 *
 * Every bid is accepted. Prints decisions a second and the time that each took.
 */
import { systemClock } from '../../src/core/clock.ts';
import { toMicros } from '../../src/core/money.ts';
import { createRandom } from '../../src/core/random.ts';
import { createBuckets } from '../../src/driver/redis/bucket.ts';
import { openRedis } from '../../src/driver/redis/connection.ts';
import { createRedisItemBook } from '../../src/driver/redis/item-book.ts';
import { createRedisOutbox } from '../../src/driver/redis/outbox.ts';
import { FIRST_SIGHT_POLICY } from '../../src/live/rule/first-sight-policy.ts';

const WARM_UP_MS = 1_000;
const RUN_MS = 4_000;
const STEP_MICROS = 10_000;

const [address = '127.0.0.1:6379', strategyText = 'lua', inFlightText = '1024'] =
  process.argv.slice(2);
const [host = '', port = ''] = address.split(':');
const strategy = strategyText === 'optimistic' ? 'optimistic' : 'lua';
const place = { mode: 'single', masterName: null, password: null, db: 0 } as const;
await using connection = openRedis(
  { ...place, addresses: [{ host, port: Number(port) }] },
  { timeoutMs: 5_000 },
);
await connection.whenUp(5_000);
const buckets = createBuckets(connection);
let epochs = systemClock.nowMs();
await using book = createRedisItemBook({
  connection,
  buckets,
  strategy,
  random: createRandom(1),
  nextEpoch: () => `epoch${++epochs}`,
});
await using outbox = createRedisOutbox({ connection, keys: buckets.keys(0), readerId: 'bench' });
const itemId = `hot${epochs}`;
const item = { itemId, name: 'hot', policy: FIRST_SIGHT_POLICY };
await book.open({ ...item, opensAtMs: null, closesAtMs: null });

let count = 0;
let isOver = false;
let latenciesMs: number[] = [];

async function bidder(): Promise<void> {
  while (!isOver) {
    const number = ++count;
    const startedMs = performance.now();
    const answer = await book.place({
      itemId,
      userId: `user${number % 1000}`,
      bidId: `bid_${number}`,
      eventId: `evt_${number}`,
      amountMicros: toMicros(number * STEP_MICROS),
      maxMicros: null,
      buyNow: false,
      idempotencyKey: null,
    });
    if (answer.kind !== 'accepted') throw new Error(`a bid was ${JSON.stringify(answer)}`);
    if (number % 16 === 0) latenciesMs.push(performance.now() - startedMs);
  }
}

/** Stands for the relay: without it the outbox would only grow. */
async function reader(): Promise<void> {
  while (!isOver) {
    const entries = await outbox.read({ limit: 20_000, waitMs: 50 });
    const newest = entries.at(-1);
    if (newest !== undefined) await outbox.ack(newest.position);
  }
}

const bidders = Array.from({ length: Number(inFlightText) }, bidder);
const relay = process.argv[5] === 'alone' ? Promise.resolve() : reader();
await Bun.sleep(WARM_UP_MS);
const countBefore = count;
latenciesMs = [];
const startedMs = performance.now();
await Bun.sleep(RUN_MS);
const perSecond = ((count - countBefore) * 1000) / (performance.now() - startedMs);
isOver = true;
await Promise.all([...bidders, relay]);
const sorted = latenciesMs.toSorted((left, right) => left - right);
console.log(
  JSON.stringify({
    perSecond: Math.round(perSecond),
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
  }),
);
