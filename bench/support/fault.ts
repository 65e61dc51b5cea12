/** Faults of a part under load: killed and restarted, or stopped for a while. */
import { readFile } from 'node:fs/promises';
import { within } from './within.ts';

/** A process of the topology that can get a fault. */
export type Part = {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** With the same folder and port, until it is ready. */
  restart(): Promise<void>;
};

export type FaultKind = 'kill -9' | 'stop';

const RESTART_WITHIN_MS = 20_000;

/** Causes a fault. @returns a function that ends it */
export async function hurt(part: Part, kind: FaultKind): Promise<() => Promise<void>> {
  if (kind === 'kill -9') {
    part.kill('SIGKILL');
    return () => within(RESTART_WITHIN_MS, 'the restart', part.restart());
  }
  const stopped = await signalTree(part.pid, 'SIGSTOP');
  return async () => {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
  };
}

/** The process first, so that it makes no further children; PostgreSQL works in its children. */
async function signalTree(pid: number, signal: NodeJS.Signals): Promise<number[]> {
  process.kill(pid, signal);
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  const below = await Promise.all(children.map((child) => signalTree(child, signal)));
  return [pid, ...below.flat()];
}
