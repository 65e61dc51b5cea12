/** `make bench`: every benchmark in turn, or those named: `make bench ONLY=exchange`. */
import { benchExchange } from './exchange.ts';
import { benchLive } from './live.ts';

const BENCHES: Record<string, () => Promise<void>> = {
  exchange: benchExchange,
  live: benchLive,
};

const named = process.argv.slice(2);
for (const [name, run] of Object.entries(BENCHES)) {
  if (named.length > 0 && !named.includes(name)) continue;
  console.log(`\n=== ${name}`);
  await run();
}
