/** `redis-book-load.ts HOST:PORT STRATEGY IN_FLIGHT`: bids on one item for a while, the driver alone. */
import { systemClock } from '../../src/core/clock.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers } from '../../src/core/timer.ts';
import { createBuckets } from '../../src/driver/redis/book/bucket.ts';
import { createRedisItemBook } from '../../src/driver/redis/item-book.ts';
import { openRedis } from '../../src/driver/redis/line/connection.ts';
import { createRedisOutbox } from '../../src/driver/redis/outbox.ts';
import { loadHotItem } from './hot-item-load.ts';

const [address = '127.0.0.1:6379', strategyText = 'lua', inFlightText = '1024'] =
  process.argv.slice(2);
const [host = '', port = ''] = address.split(':');
const place = { mode: 'single', masterName: null, password: null, db: 0 } as const;
await using connection = openRedis(
  { ...place, addresses: [{ host, port: Number(port) }] },
  { timeoutMs: 5_000, clock: systemClock, timers: systemTimers },
);
await connection.whenUp(5_000);
const buckets = createBuckets(connection);
let epochs = systemClock.nowMs();
await using book = createRedisItemBook({
  connection,
  buckets,
  strategy: strategyText === 'optimistic' ? 'optimistic' : 'lua',
  random: createRandom(1),
  nextEpoch: () => `epoch${++epochs}`,
});
await using outbox = createRedisOutbox({ connection, keys: buckets.keys(0), readerId: 'bench' });
const inFlight = Number(inFlightText);
const speed = await loadHotItem({ book, outbox, itemId: `hot${epochs}`, inFlight });
console.log(JSON.stringify(speed));
