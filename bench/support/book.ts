/** The item book without HTTP: how many durable decisions one process makes. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './process.ts';
import type { Row } from './result.ts';

const IN_FLIGHT = [64, 256, 1024];

/** Runs `book-load.ts` as a process of its own on core 0, once for each number of bids in flight. */
export async function measureBook(folder: string): Promise<Row[]> {
  await mkdir(folder, { recursive: true });
  const rows: Row[] = [];
  for (const inFlight of IN_FLIGHT) {
    const script = join(ROOT, 'bench', 'support', 'book-load.ts');
    const file = join(folder, `${inFlight}.db`);
    const child = Bun.spawn(
      ['taskset', '-c', '0', process.execPath, script, file, String(inFlight)],
      { stdout: 'pipe', stderr: 'inherit' },
    );
    const { perSecond, p99Ms } = JSON.parse(await child.stdout.text()) as {
      perSecond: number;
      p99Ms: number;
    };
    console.log(`book, ${inFlight} in flight: ${Math.round(perSecond)} decisions/s`);
    rows.push({
      'in flight': inFlight,
      'decisions/s': Math.round(perSecond),
      'p99 ms': p99Ms.toFixed(2),
    });
  }
  return rows;
}
