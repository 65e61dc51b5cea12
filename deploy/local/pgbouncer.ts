/** A real PgBouncer in transaction mode in front of a PostgreSQL: many clients, few connections. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isListening, LOOPBACK } from './free-port.ts';
import { POSTGRES_USER, postgresUrl } from './postgres.ts';
import { giveToServerUser } from './privilege.ts';
import { programPath } from './program.ts';
import { type LocalServer, openServer, type Place, type ServerOptions } from './server.ts';

const CLIENTS_MAX = 1_000;
const CONNECTIONS_PER_DATABASE = 20;
/** PostgreSQL's total connections: idle ones of one database go to another. */
const IDLE_SECONDS = 30;

export type PgBouncer = LocalServer & { urlOf(database: string): string };

export async function openPgBouncer(
  postgres: LocalServer,
  options: ServerOptions = {},
): Promise<PgBouncer> {
  const server = await openServer({
    ...options,
    name: 'pgbouncer',
    async launch(place) {
      giveToServerUser(place.folder);
      const file = join(place.folder, 'pgbouncer.ini');
      await writeFile(file, settings(place, postgres.port));
      return {
        command: [programPath('pgbouncer'), file],
        isReady: () => isListening(place.port),
        unprivilegedIn: place.folder,
      };
    },
  });
  return Object.assign(server, { urlOf: (name: string) => postgresUrl(server.port, name) });
}

function settings({ port }: Place, postgresPort: number): string {
  return `[databases]
* = host=${LOOPBACK} port=${postgresPort} user=${POSTGRES_USER}
[pgbouncer]
listen_addr = ${LOOPBACK}
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = ${CLIENTS_MAX}
default_pool_size = ${CONNECTIONS_PER_DATABASE}
ignore_startup_parameters = extra_float_digits
server_connect_timeout = 2
server_login_retry = 1
server_idle_timeout = ${IDLE_SECONDS}
`;
}
