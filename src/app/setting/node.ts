/** Settings of every node: where it listens and keeps its files, what it logs, how it stops. */
import type { Cidr } from '../../server/http/client-address.ts';
import {
  anyText,
  integer,
  oneOf,
  readCidrs,
  readServerAddress,
  type ServerAddress,
} from './kind.ts';
import { noFaults, section, setting, type ValuesOf } from './section.ts';

export const nodeSection = section({
  title: 'Node',
  rows: {
    serverAddress: setting<ServerAddress>({
      variable: 'SERVER_ADDR',
      fallback: ':8080',
      allowed: 'host:port or :port, with a port from 0 to 65535 (0 takes a free one)',
      purpose: 'where the HTTP server listens',
      read: readServerAddress,
    }),
    trustedProxies: setting<readonly Cidr[]>({
      variable: 'TRUSTED_PROXIES',
      fallback: '',
      allowed: 'addresses or CIDR ranges with commas between, such as 10.0.0.0/8,::1',
      purpose: 'peers whose X-Forwarded-For is believed',
      read: readCidrs,
    }),
    dataDir: setting({
      variable: 'DATA_DIR',
      fallback: './data',
      purpose: 'where the embedded store lives',
      ...anyText('a folder that can be written'),
    }),
    logLevel: setting({
      variable: 'LOG_LEVEL',
      fallback: 'info',
      purpose: 'what is logged at least',
      ...oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    }),
    logFormat: setting({
      variable: 'LOG_FORMAT',
      fallback: 'auto',
      purpose: 'auto is pretty on a terminal and JSON elsewhere',
      ...oneOf(['auto', 'json', 'pretty']),
    }),
    idleSeconds: setting({
      variable: 'IDLE_SECONDS',
      fallback: '75',
      purpose:
        'how long an idle HTTP connection is kept: longer than the balancer in front keeps it',
      ...integer(1, 255),
    }),
    docs: setting({
      variable: 'DOCS',
      fallback: 'on',
      purpose: 'whether /docs, /redoc and /openapi.json are served',
      ...oneOf(['on', 'off']),
    }),
    healthDetail: setting({
      variable: 'HEALTH_DETAIL',
      fallback: 'on',
      purpose: 'whether /health names the parts that are away, or its status only',
      ...oneOf(['on', 'off']),
    }),
    drainSeconds: setting({
      variable: 'DRAIN_SECONDS',
      fallback: '0',
      purpose: 'how long a stop says 503 on /health/ready before it stops accepting',
      ...integer(0, 600),
    }),
    shutdownSeconds: setting({
      variable: 'SHUTDOWN_SECONDS',
      fallback: '15',
      purpose: 'how long a stop waits for requests in flight',
      ...integer(1, 600),
    }),
  },
  faults: noFaults,
});

export type NodeConfig = ValuesOf<typeof nodeSection.rows>;
