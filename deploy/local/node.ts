/** A node of Gavel in one role, as a process of this machine. */
import { join } from 'node:path';
import { LOOPBACK } from './free-port.ts';
import { type LocalServer, openServer, type ServerOptions } from './server.ts';

const GAVEL = join(import.meta.dirname, '../../src/cli/gavel.ts');

export type NodeRole = 'api' | 'broadcast' | 'archiver' | 'closer' | 'relay';

type NodeOptions = ServerOptions & {
  readonly name: string;
  readonly role: NodeRole;
  /** Its environment, except for its ports and folder. */
  readonly settings: Readonly<Record<string, string>>;
};

export function openNode(options: NodeOptions): Promise<LocalServer> {
  return openServer({
    ...options,
    launch: ({ folder, port }) => ({
      command: [process.execPath, GAVEL, 'serve', '--role', options.role],
      env: { ...options.settings, DATA_DIR: folder, SERVER_ADDR: `${LOOPBACK}:${port}` },
      isReady: async () => (await fetch(`http://${LOOPBACK}:${port}/health/live`)).ok,
    }),
  });
}
