/** `make bench`: every benchmark in turn, or those named: `make bench ONLY=exchange`. */
import { benchCluster } from './cluster.ts';
import { benchContention } from './contention.ts';
import { benchExchange } from './exchange.ts';
import { benchFanOut } from './fan-out.ts';
import { benchLive } from './live.ts';
import { benchResilience } from './resilience.ts';

const BENCHES: Record<string, () => Promise<void>> = {
  exchange: benchExchange,
  live: benchLive,
  cluster: benchCluster,
  contention: benchContention,
  'fan-out': benchFanOut,
  resilience: benchResilience,
};

const named = process.argv.slice(2);
for (const [name, run] of Object.entries(BENCHES)) {
  if (named.length > 0 && !named.includes(name)) continue;
  console.log(`\n=== ${name}`);
  await run();
}
