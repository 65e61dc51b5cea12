/**
 * A server of this machine: a folder, a loopback port, and a process that can be killed and
 * restarted with both.
 *
 * A given folder is kept, with its port; otherwise the folder is temporary and is removed when the
 * server is disposed of.
 */
import { join } from 'node:path';
import { keptPort, LOOPBACK } from './free-port.ts';
import { type Launch, startProcess } from './process.ts';
import { openServerFolder } from './server-folder.ts';

export type Place = { readonly folder: string; readonly port: number };

export type LocalServer = AsyncDisposable & {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  readonly folder: string;
  readonly logFile: string;
  /** The pid of the current or last process. */
  readonly pid: number;
  /** The end of that process; see `ServerProcess`. */
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Stops it if it still runs; then starts it with the same folder and port, until it is ready. */
  restart(): Promise<void>;
};

export type ServerOptions = {
  readonly folder?: string;
  readonly port?: number;
  /** Called when a process ends other than by `restart` or disposal. */
  readonly onEnd?: (name: string, code: number) => void;
};

type ServerPlan = ServerOptions & {
  /** Whether its data may be lost with the machine. */
  readonly isFleeting?: boolean;
  readonly name: string;
  /** Called at every start: prepares the folder, and returns how to start the process. */
  launch(place: Place): Launch | Promise<Launch>;
};

export async function openServer(plan: ServerPlan): Promise<LocalServer> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await openServerFolder(plan.name, plan.folder, plan.isFleeting)).path;
  const port = plan.port ?? (await keptPort(folder));
  const logFile = join(folder, `${plan.name}.log`);
  let isStopping = false;
  const start = async () => {
    const started = await startProcess(await plan.launch({ folder, port }), logFile);
    isStopping = false;
    void started.exited.then((code) => isStopping || plan.onEnd?.(plan.name, code));
    return started;
  };
  const stop = () => {
    isStopping = true;
    return server.stop();
  };
  let server = await start();
  const whole = opening.move();
  return {
    name: plan.name,
    host: LOOPBACK,
    port,
    address: `${LOOPBACK}:${port}`,
    folder,
    logFile,
    get pid() {
      return server.pid;
    },
    get exited() {
      return server.exited;
    },
    kill: (signal) => server.kill(signal),
    async restart() {
      await stop();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await whole.disposeAsync();
    },
  };
}
