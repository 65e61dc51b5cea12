/** Load from `wrk` on the other core: bounded in connections and time, to loopback only. */
import { join } from 'node:path';
import { ROOT } from './process.ts';
import { median } from './result.ts';

const LOAD_CORE = '1';
const LUA_FOLDER = join(ROOT, 'bench', 'lua');

export type Load = {
  readonly url: string;
  /** A file of `bench/lua`. */
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
  readonly env?: Record<string, string>;
};

export type LoadResult = {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** Counted by `contended-bid.lua` alone; those refused are among the failed. */
  readonly accepted: number;
  readonly refused: number;
};

type Report = Record<
  'requests' | 'durationUs' | 'p50Us' | 'p95Us' | 'p99Us' | 'failed' | 'accepted' | 'refused',
  number
>;

export async function runWrk({
  url,
  script,
  connections,
  seconds,
  env,
}: Load): Promise<LoadResult> {
  const child = Bun.spawn(
    [
      'taskset',
      '-c',
      LOAD_CORE,
      'wrk',
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '-s',
      join(LUA_FOLDER, script),
      url,
    ],
    { env: { ...process.env, LUA_FOLDER, ...env }, stdout: 'pipe', stderr: 'inherit' },
  );
  const output = await new Response(child.stdout).text();
  const line = output.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no report:\n${output}`);
  const report = JSON.parse(line) as Report;
  return {
    requests: report.requests,
    perSecond: (report.requests * 1e6) / report.durationUs,
    p50Ms: report.p50Us / 1000,
    p95Ms: report.p95Us / 1000,
    p99Ms: report.p99Us / 1000,
    failed: report.failed,
    accepted: report.accepted,
    refused: report.refused,
  };
}

/** The median of each figure over several runs; failures are added up. */
export function summarize(
  results: readonly LoadResult[],
): Omit<LoadResult, 'requests' | 'accepted' | 'refused'> {
  const of = (pick: (one: LoadResult) => number) => median(results.map(pick));
  return {
    perSecond: of((one) => one.perSecond),
    p50Ms: of((one) => one.p50Ms),
    p95Ms: of((one) => one.p95Ms),
    p99Ms: of((one) => one.p99Ms),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** Installs `wrk` from Debian when it is missing; says so when it cannot. */
export async function requireWrk(): Promise<void> {
  if (Bun.which('wrk') !== null) return;
  console.log('Installing wrk from Debian ...');
  for (const command of [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', 'wrk'],
  ]) {
    await Bun.spawn(command, { stdout: 'ignore', stderr: 'inherit' }).exited;
  }
  if (Bun.which('wrk') === null) throw new Error('make bench needs wrk: apt-get install wrk');
}
