/**
 * `gavel serve --workers`: several processes that listen on the same port, each a whole node.
 *
 * The parent serves nothing: it starts the workers, hands them its signals and ends with them. A worker
 * that dies is started again, at most once a second; the others go on meanwhile.
 */
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { type Config, ConfigError } from './config.ts';
import { createLog } from './log.ts';
import { missingForSharing, type Role } from './role.ts';

/** Tells a worker which one it is; the parent sets it. */
const WORKER = 'GAVEL_WORKER';
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

/**
 * Resolves when the parent of this worker is gone, however it went. A worker is given a pipe that
 * nothing is written to: it ends with the process at its other end.
 */
export function parentGone(): Promise<void> {
  return new Promise((resolve) => process.stdin.once('end', resolve).resume());
}

/** The number of this worker, null when this process is none. */
export function workerOf(environment = process.env): number | null {
  const text = environment[WORKER];
  return text === undefined ? null : Number(text);
}

/** @throws ConfigError when there is nothing through which workers could share their work. */
export async function serveWorkers({ config, role, count }: WorkersWanted): Promise<void> {
  demandSharing(config, `--workers ${count}`);
  if (config.serverAddress.port === 0) {
    throw new ConfigError(`--workers ${count}: SERVER_ADDR needs a port that all can share`);
  }
  const log = createLog(config);
  const children = new Map<number, Bun.Subprocess>();
  let stopSignal: NodeJS.Signals | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      stopSignal = signal;
      for (const child of children.values()) child.kill(signal);
    });
  }

  async function keep(worker: number): Promise<number> {
    for (;;) {
      const child = start(role, worker);
      children.set(worker, child);
      const exitCode = await child.exited;
      // One that was only just starting is ended by the signal itself.
      if (stopSignal !== undefined) return child.signalCode === stopSignal ? 0 : exitCode;
      log.error({ worker, exitCode }, 'a worker has ended: starting it again');
      await setTimeout(RESTART_MS);
      if (stopSignal !== undefined) return 0;
    }
  }

  log.info({ role, workers: count }, 'starting workers');
  const codes = await Promise.all(Array.from({ length: count }, (_, index) => keep(index + 1)));
  process.exit(Math.max(...codes));
}

/** @throws ConfigError that names what is missing. */
export function demandSharing(config: Config, wish: string): void {
  const missing = missingForSharing(config);
  if (missing.length === 0) return;
  throw new ConfigError(`${wish} shares its work with other processes: set ${missing.join(', ')}`);
}

function start(role: Role, worker: number): Bun.Subprocess {
  const [, program = ''] = process.argv;
  return Bun.spawn([process.execPath, program, 'serve', '--role', role], {
    env: { ...process.env, [WORKER]: String(worker) },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
}
