/** A real nats-server with JetStream, and its monitoring pages. */
import { join } from 'node:path';
import { keptPort, LOOPBACK } from './free-port.ts';
import { programPath } from './program.ts';
import { type LocalServer, openServer, type ServerOptions } from './server.ts';

export type NatsServer = LocalServer & {
  /** `nats://host:port` */
  readonly url: string;
  /** The base URL of `/varz`, `/jsz` and `/healthz`. */
  readonly monitorUrl: string;
};

export async function openNatsServer(options: ServerOptions = {}): Promise<NatsServer> {
  let monitorUrl = '';
  const server = await openServer({
    ...options,
    name: 'nats',
    async launch({ folder, port }) {
      const monitorPort = await keptPort(folder, 'monitor-port');
      monitorUrl = `http://${LOOPBACK}:${monitorPort}`;
      return {
        command: [
          programPath('nats-server'),
          ...['--addr', LOOPBACK, '--port', `${port}`, '--http_port', `${monitorPort}`],
          ...['--jetstream', '--store_dir', join(folder, 'store'), '--name', 'gavel'],
        ],
        // It listens before its streams are recovered, but is healthy only afterwards.
        isReady: async () => (await fetch(`${monitorUrl}/healthz`)).ok,
      };
    },
  });
  return Object.assign(server, { url: `nats://${server.address}`, monitorUrl });
}
