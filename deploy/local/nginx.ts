/**
 * A real nginx in front of the nodes: one entry for everything, one for the broadcast nodes alone.
 *
 * nginx repeats a request that may have reached a node only when a repeat changes nothing: never a
 * POST. It ignores the address headers of clients and passes the peer's address to the nodes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, isListening, LOOPBACK } from './free-port.ts';
import { giveToServerUser } from './privilege.ts';
import { programPath } from './program.ts';
import { type LocalServer, openServer, type ServerOptions } from './server.ts';

export type Nginx = LocalServer & {
  /** The URL of everything over HTTP, with `/ws` at the broadcast nodes. */
  readonly url: string;
  /** The URL of the broadcast nodes alone. */
  readonly broadcastUrl: string;
};

export type NginxOptions = ServerOptions & {
  readonly broadcastPort?: number;
  /** The address it listens on; loopback by default. */
  readonly listenOn?: string;
  /** `host:port` of the nodes behind it. */
  readonly api: readonly string[];
  readonly broadcast: readonly string[];
};

export async function openNginx(options: NginxOptions): Promise<Nginx> {
  const broadcastPort = options.broadcastPort ?? (await freePort());
  const server = await openServer({
    ...options,
    name: 'nginx',
    async launch({ folder, port }) {
      giveToServerUser(folder);
      const file = join(folder, 'nginx.conf');
      const ports = { port, broadcastPort };
      await writeFile(file, settings(options, ports));
      return {
        command: [programPath('nginx'), '-p', folder, '-c', file, '-e', 'stderr'],
        isReady: async () => (await isListening(port)) && (await isListening(broadcastPort)),
        unprivilegedIn: folder,
      };
    },
  });
  return Object.assign(server, {
    url: `http://${server.address}`,
    broadcastUrl: `http://${LOOPBACK}:${broadcastPort}`,
  });
}

/** Files that nginx would otherwise keep in a system folder. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

type Ports = { readonly port: number; readonly broadcastPort: number };

function settings(options: NginxOptions, { port, broadcastPort }: Ports): string {
  const { api, broadcast, listenOn = LOOPBACK } = options;
  return `daemon off;
pid nginx.pid;
worker_processes auto;
worker_rlimit_nofile 65536;
error_log stderr warn;
events {
  worker_connections 16384;
}
http {
  access_log off;
  server_tokens off;
  # Each route of a node bounds its body, and refuses a larger one in the form of the protocol.
  client_max_body_size 0;
  ${TEMPORARY.map((kind) => `${kind}_temp_path temp-${kind};`).join('\n  ')}
  map $http_upgrade $connection_header {
    default upgrade;
    '' '';
  }
${upstream('api', { addresses: api })}
${upstream('exchange', { addresses: api, spread: 'hash $remote_addr consistent;' })}
${upstream('broadcast', { addresses: broadcast })}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Connection $connection_header;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header X-Forwarded-For $remote_addr;
  # A dead node refuses at once: only a busy machine takes longer.
  proxy_connect_timeout 1s;
  # nginx repeats no POST by itself once it was sent; non_idempotent stays away for that.
  proxy_next_upstream error timeout;
  proxy_next_upstream_tries 2;
  # Longer than a node waits for PostgreSQL, so that the node itself reports the outage.
  proxy_read_timeout 8s;
  server {
    listen ${listenOn}:${port} backlog=4096;
    ${UNANSWERED.map(unanswered).join('\n    ')}
    location / {
      # A client that has closed its half still waits for its answer: a bid stands once it was sent.
      proxy_ignore_client_abort on;
      proxy_pass http://api;
    }
    # An auction may take as long as its tmax, which is 10 s at most. An address stays with one
    # node, so that it finds its own auctions in the statistics at once, and SEED repeats.
    location ~ ^/(api/v1/)?(bid|stat)$ {
      proxy_read_timeout 12s;
      proxy_pass http://exchange;
    }
    location = /ws {
      proxy_read_timeout 1h;
      proxy_pass http://broadcast;
    }
  }
  server {
    listen ${listenOn}:${broadcastPort} backlog=4096;
    location / {
      proxy_read_timeout 1h;
      proxy_pass http://broadcast;
    }
  }
}
`;
}

/** The answer of nginx itself when no node has answered, in the form of the protocol. */
const UNANSWERED = [502, 504];

function unanswered(status: number): string {
  const message = 'No node has answered: what was asked may have been done.';
  const body = JSON.stringify({ error: 'no_answer', message });
  return `error_page ${status} @${status};
    location @${status} {
      default_type application/json;
      return ${status} '${body}';
    }`;
}

type Upstream = { readonly addresses: readonly string[]; readonly spread?: string };

/**
 * Connections are kept for a shorter time than a node keeps an idle one (IDLE_SECONDS). nginx sends one
 * request at a time on each: Bun loses the answers of pipelined ones (oven-sh/bun#38128).
 */
function upstream(name: string, { addresses, spread = '' }: Upstream): string {
  const servers = addresses.map((address) => `server ${address} max_fails=3 fail_timeout=1s;`);
  return `  upstream ${name} {
    ${[spread, ...servers].join('\n    ')}
    keepalive 128;
    keepalive_timeout 5s;
  }`;
}
