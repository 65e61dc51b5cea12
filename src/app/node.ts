/** What every part of a node is composed from. */
import type { Logger } from 'pino';
import type { createForwardedReader } from '../server/client-address.ts';
import type { Config } from './config.ts';
import type { Connections } from './connections.ts';
import type { HealthWatch } from './health-watch.ts';
import type { Role } from './role.ts';

export type NodeWanted = {
  readonly config: Config;
  readonly role: Role;
  /** Which of several workers this is; null when it has its port to itself. */
  readonly worker: number | null;
  readonly log: Logger;
};

export type NodeParts = NodeWanted & {
  readonly forwarded: ReturnType<typeof createForwardedReader>;
  readonly health: HealthWatch;
  readonly connections: Connections;
  /** Takes what must be freed, in the order in which it was opened. */
  readonly owned: AsyncDisposableStack;
};
