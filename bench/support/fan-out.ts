/** One item, many viewers: deliveries per second, lag and memory at rising rates of bids. */
import { LIVE_SETTINGS, ROOT, serveGavel } from './process.ts';
import type { Row } from './result.ts';

const VIEWERS = 8_000;
const BIDS_PER_SECOND = [1, 10, 100, 300, 1_000];
const SECONDS = 6;
/** Deliveries under way when the load ends still count. */
const SETTLE_MS = 1_500;
const LOAD_CORE = '1';
const ITEM = 'hot';

type Report = Record<'frames' | 'events' | 'gaps' | 'lagP50Ms' | 'lagP99Ms', number>;

export async function measureFanOut(folder: string): Promise<Row[]> {
  await using server = await serveGavel(folder, LIVE_SETTINGS);
  const bids = createBids(server.url, ITEM);
  await bids.send(1);
  const beforeMegabytes = await server.rssMegabytes();
  await using viewers = await openViewers(server.url, ITEM, VIEWERS);
  const kilobytes = (((await server.rssMegabytes()) - beforeMegabytes) * 1024) / VIEWERS;
  console.log(`${VIEWERS} viewers, ${kilobytes.toFixed(1)} KB each`);
  const rows: Row[] = [];
  for (const rate of BIDS_PER_SECOND) {
    await viewers.report();
    const accepted = await bids.keepUp(rate, SECONDS);
    const { frames, events, lagP50Ms, lagP99Ms } = await viewers.report();
    console.log(`${rate} bids/s: ${Math.round(events / SECONDS)} deliveries/s, p99 ${lagP99Ms} ms`);
    rows.push({
      viewers: VIEWERS,
      'bids/s': Math.round(accepted / SECONDS),
      'frames/s': Math.round(frames / SECONDS),
      'deliveries/s': Math.round(events / SECONDS),
      delivered: `${((100 * events) / (accepted * VIEWERS)).toFixed(1)} %`,
      'lag p50 ms': lagP50Ms,
      'lag p99 ms': lagP99Ms,
      'KB a viewer': kilobytes.toFixed(1),
    });
  }
  return rows;
}

/** Bids one cent apart, sent without waiting for each other, at a steady rate. */
export function createBids(url: string, item: string) {
  let cents = 100;
  async function send(count: number): Promise<number> {
    const answers = Array.from({ length: count }, async () => {
      const response = await fetch(`${url}/api/v1/items/${item}/bid`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: `user${++cents % 100}`, amount: cents / 100 }),
      });
      await response.text();
      return response.ok ? 1 : 0;
    });
    return (await Promise.all(answers)).reduce<number>((sum, one) => sum + one, 0);
  }

  async function keepUp(perSecond: number, seconds: number): Promise<number> {
    const everyMs = Math.max(10, 1000 / perSecond);
    const count = Math.max(1, Math.round((perSecond * everyMs) / 1000));
    const endMs = performance.now() + seconds * 1000;
    const under: Promise<number>[] = [];
    for (let nextMs = performance.now(); nextMs < endMs; nextMs += everyMs) {
      await Bun.sleep(Math.max(0, nextMs - performance.now()));
      under.push(send(count));
    }
    const accepted = await Promise.all(under);
    return accepted.reduce((sum, one) => sum + one, 0);
  }

  return { send, keepUp };
}

export async function openViewers(url: string, item: string, count: number) {
  const child = Bun.spawn(
    [
      'taskset',
      '-c',
      LOAD_CORE,
      process.execPath,
      'bench/support/viewers.ts',
      url,
      item,
      String(count),
    ],
    { cwd: ROOT, stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' },
  );
  const lines = readLines(child.stdout);
  if ((await lines.next()).done === true) throw new Error('the viewers ended');
  return {
    async report(): Promise<Report> {
      await Bun.sleep(SETTLE_MS);
      child.stdin.write('\n');
      child.stdin.flush();
      const { value = '' } = await lines.next();
      return JSON.parse(value) as Report;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    yield* lines;
  }
}
