/** `book-load.ts FILE IN_FLIGHT`: bids on one item for a while, every one accepted and durable. */
import { systemClock } from '../../src/core/clock.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers } from '../../src/core/timer.ts';
import { openLiveFile } from '../../src/driver/sqlite/item-book.ts';
import { loadHotItem } from './hot-item-load.ts';

const [path = ':memory:', inFlightText = '64'] = process.argv.slice(2);
await using file = openLiveFile(path, {
  clock: systemClock,
  timers: systemTimers,
  random: createRandom(1),
});
const { book, outbox } = file;
const speed = await loadHotItem({ book, outbox, itemId: 'hot', inFlight: Number(inFlightText) });
console.log(JSON.stringify(speed));
