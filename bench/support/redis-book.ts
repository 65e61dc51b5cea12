/** The item book in Redis without HTTP: decisions per second of one process, with AOF always. */
import { openRedisServer } from '../../deploy/local/redis.ts';
import { ROOT } from './process.ts';
import type { Row } from './result.ts';

const LOADS = [
  { strategy: 'lua', inFlight: 64 },
  { strategy: 'lua', inFlight: 1_024 },
  { strategy: 'optimistic', inFlight: 64 },
];

export async function measureRedisBook(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { strategy, inFlight } of LOADS) {
    await using redis = await openRedisServer();
    const words = [redis.address, strategy, `${inFlight}`];
    const command = [process.execPath, 'bench/support/redis-book-load.ts', ...words];
    const child = Bun.spawn(command, { cwd: ROOT, stdout: 'pipe', stderr: 'inherit' });
    const { perSecond, p99Ms } = JSON.parse(await child.stdout.text()) as Measured;
    console.log(`${strategy}, ${inFlight} in flight: ${Math.round(perSecond)} decisions/s`);
    rows.push({
      strategy,
      'in flight': inFlight,
      'decisions/s': Math.round(perSecond),
      'p99 ms': p99Ms.toFixed(2),
    });
  }
  return rows;
}

type Measured = { readonly perSecond: number; readonly p99Ms: number };
