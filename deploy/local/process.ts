/**
 * A server process: detached from the terminal, watched until it is ready, stopped by its pid.
 *
 * Its output goes to a file, so that no full pipe can block it. It has its own process group, so a
 * Ctrl-C reaches only the process that started it; and where `setpriv` exists (Linux) the kernel
 * ends it when that process dies, for any reason.
 */
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { asServerUser, endedWithParent } from './privilege.ts';

const READY_POLL_MS = 20;
const READY_WAIT_MS = 60_000;
/** Longer than a stopping node waits for its requests in flight. */
const STOP_WAIT_MS = 20_000;
const SHOWN_LOG_LINES = 20;

/**
 * The caller's environment is not passed on: PGPORT and the like would change the server's
 * behaviour.
 */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};

export type Launch = {
  readonly command: readonly string[];
  /** Polled until it returns true; a rejection counts as false. */
  isReady(): Promise<boolean>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The signal for a clean stop; SIGTERM by default. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  /** The folder that it must reach as another user, for servers that refuse to be root. */
  readonly unprivilegedIn?: string;
};

export type ServerProcess = {
  readonly pid: number;
  /** The exit code; 128 plus the signal's number when a signal ended it. */
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Stops it cleanly, or by SIGKILL when that takes too long. Does nothing once it has ended. */
  stop(): Promise<void>;
};

/** @throws Error with the end of its log, when it ends or is not ready in time */
export async function startProcess(launch: Launch, logFile: string): Promise<ServerProcess> {
  const server = spawnServer(launch, logFile);
  try {
    await untilReady(server, launch);
  } catch (error) {
    server.kill('SIGKILL');
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-SHOWN_LOG_LINES);
    throw new Error(`${launch.command[0]} did not start: ${error}\n${lines.join('\n')}`);
  }
  return server;
}

function spawnServer(launch: Launch, logFile: string): ServerProcess {
  const { stopSignal = 'SIGTERM', unprivilegedIn, cwd } = launch;
  const log = openSync(logFile, 'a');
  const user = unprivilegedIn === undefined ? [] : asServerUser(unprivilegedIn);
  const child = Bun.spawn([...endedWithParent(stopSignal, user), ...launch.command], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...(launch.env ?? SERVER_ENVIRONMENT) },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  return {
    pid: child.pid,
    exited: child.exited,
    kill: (signal) => child.kill(signal),
    async stop() {
      child.ref();
      child.kill(stopSignal);
      child.kill('SIGCONT');
      const tooLong = setTimeout(() => child.kill('SIGKILL'), STOP_WAIT_MS);
      await child.exited;
      clearTimeout(tooLong);
    },
  };
}

async function untilReady(server: ServerProcess, launch: Launch): Promise<void> {
  let code: number | undefined;
  void server.exited.then((end) => {
    code = end;
  });
  const endsAtMs = performance.now() + READY_WAIT_MS;
  while (!(await launch.isReady().catch(() => false))) {
    if (code !== undefined) throw new Error(`it ended with ${code}`);
    if (performance.now() > endsAtMs) throw new Error(`not ready after ${READY_WAIT_MS} ms`);
    // A server sends no signal when it becomes ready.
    await Bun.sleep(READY_POLL_MS);
  }
}
