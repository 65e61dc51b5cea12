/** `book-load.ts FILE IN_FLIGHT`: bids on one item for a while, every one accepted and durable. */
import { systemClock } from '../../src/core/clock.ts';
import { toMicros } from '../../src/core/money.ts';
import { createRandom } from '../../src/core/random.ts';
import { openLiveFile } from '../../src/driver/sqlite/live-file.ts';
import { FIRST_SIGHT_POLICY } from '../../src/live/rule/first-sight-policy.ts';

const WARM_UP_MS = 1_000;
const RUN_MS = 4_000;
const STEP_MICROS = 10_000;

const [path = ':memory:', inFlightText = '64'] = process.argv.slice(2);
const inFlight = Number(inFlightText);
await using file = openLiveFile(path, { clock: systemClock, random: createRandom(1) });
const { book, outbox } = file;
const item = { itemId: 'hot', name: 'hot', policy: FIRST_SIGHT_POLICY };
await book.open({ ...item, opensAtMs: null, closesAtMs: null });

let count = 0;
let isOver = false;
let latenciesMs: number[] = [];

async function bidder(): Promise<void> {
  while (!isOver) {
    const number = ++count;
    const startedMs = performance.now();
    const answer = await book.place({
      itemId: 'hot',
      userId: `user${number % 1000}`,
      bidId: `bid_${number}`,
      eventId: `evt_${number}`,
      amountMicros: toMicros(number * STEP_MICROS),
      maxMicros: null,
      buyNow: false,
      idempotencyKey: null,
    });
    if (answer.kind !== 'accepted') throw new Error(`a bid was ${answer.kind}`);
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

const bidders = Array.from({ length: inFlight }, bidder);
const relay = reader();
await Bun.sleep(WARM_UP_MS);
const countBefore = count;
latenciesMs = [];
const startedMs = performance.now();
await Bun.sleep(RUN_MS);
const perSecond = ((count - countBefore) * 1000) / (performance.now() - startedMs);
isOver = true;
await Promise.all([...bidders, relay]);
const sorted = latenciesMs.toSorted((left, right) => left - right);
console.log(JSON.stringify({ perSecond, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }));
