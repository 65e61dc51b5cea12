/**
 * `gavel serve --workers`: several processes that listen on the same port, each a whole node.
 *
 * The parent serves nothing: it starts the workers, hands them its signals and ends with them. A worker
 * that dies is started again, at most once a second; the others go on meanwhile. When none can serve
 * in the first place the parent ends as they did. Workers end when their parent is gone, however it went.
 */
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../core/clock.ts';
import { createLog, warnOfMisspelt } from '../node/log.ts';
import type { Worker } from '../node/parts.ts';
import { missingForSharing, type Role } from '../node/role.ts';
import { holdFolder, ownsFiles } from '../node/store/data-folder.ts';
import { type Config, ConfigError } from '../setting/config.ts';
import type { ServerAddress } from '../setting/kind.ts';
import { demandPort } from './port.ts';

/** Tells a worker which one it is, as `2/4`; the parent sets it. */
const WORKER = 'GAVEL_WORKER';
const SERVING = 'serving';
const RESTART_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export type WorkersWanted = {
  readonly config: Config;
  readonly role: Role;
  readonly count: number;
};

export function availableWorkers(): number {
  return availableParallelism();
}

/** Which worker this process is, null when it is none. */
export function workerOf(environment = process.env): Worker | null {
  const text = environment[WORKER];
  if (text === undefined) return null;
  const [number = 0, count = 0] = text.split('/').map(Number);
  return { number, count };
}

/** What a worker and its parent tell each other. */
export const parentOfWorker = {
  tellServing: (): void => {
    process.send?.(SERVING);
  },
  gone: (): Promise<void> => new Promise((resolve) => process.once('disconnect', () => resolve())),
  /** The line would keep a process alive that cannot start. */
  leave: (): void => process.disconnect?.(),
};

/** @throws when workers could not share their work or the port, or another process holds the folder. */
export async function serveWorkers({ config, role, count }: WorkersWanted): Promise<void> {
  const log = createLog(config);
  warnOfMisspelt(log);
  demandSharing(config, `--workers ${count}`);
  demandSharedPort(config.serverAddress, count);
  const lock = ownsFiles(role) ? await holdFolder(config, systemClock) : null;
  const children = new Map<number, Bun.Subprocess>();
  let hasServed = false;
  let failure: number | undefined;
  let stopSignal: NodeJS.Signals | undefined;

  function stop(signal: NodeJS.Signals): void {
    stopSignal = signal;
    for (const child of children.values()) child.kill(signal);
  }

  for (const signal of SIGNALS) process.on(signal, () => stop(signal));

  async function keep(number: number): Promise<number> {
    for (;;) {
      const child = start(role, { number, count }, () => {
        hasServed = true;
      });
      children.set(number, child);
      const exitCode = await child.exited;
      // One that was only just starting is ended by the signal itself.
      if (stopSignal !== undefined) return child.signalCode === stopSignal ? 0 : exitCode;
      if (!hasServed) {
        failure = exitCode;
        stop('SIGTERM');
        return exitCode;
      }
      log.error({ worker: number, exitCode }, 'a worker has ended: starting it again');
      await setTimeout(RESTART_MS);
      if (stopSignal !== undefined) return 0;
    }
  }

  log.info({ role, workers: count }, 'starting workers');
  const codes = await Promise.all(Array.from({ length: count }, (_, index) => keep(index + 1)));
  lock?.[Symbol.dispose]();
  process.exit(failure ?? Math.max(...codes));
}

/** @throws ConfigError that names what is missing. */
export function demandSharing(config: Config, wish: string): void {
  const missing = missingForSharing(config);
  if (missing.length === 0) return;
  throw new ConfigError(`${wish} shares its work with other processes: set ${missing.join(', ')}`);
}

/** Workers share the port with whoever lets them: another program must be noticed before they do. */
function demandSharedPort(address: ServerAddress, count: number): void {
  if (address.port === 0) {
    throw new ConfigError(`--workers ${count}: SERVER_ADDR needs a port that all can share`);
  }
  demandPort(address);
}

/** In a process group of its own: Ctrl-C reaches the parent alone, which passes it on once. */
function start(role: Role, { number, count }: Worker, onServing: () => void): Bun.Subprocess {
  const [, program = ''] = process.argv;
  // With the flags of bin/gavel, so that a worker obeys no more of its folder than its parent.
  return Bun.spawn([process.execPath, ...process.execArgv, program, 'serve', '--role', role], {
    env: { ...process.env, [WORKER]: `${number}/${count}` },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    ipc: onServing,
  });
}
