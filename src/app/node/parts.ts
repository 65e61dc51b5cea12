/** What every part of a node is composed from. */
import type { Logger } from 'pino';
import type { Clock } from '../../core/clock.ts';
import type { Timers } from '../../core/timer.ts';
import type { ForwardedReader } from '../../server/http/client-address.ts';
import type { PageAccess } from '../../server/http/origin.ts';
import type { Config } from '../setting/config.ts';
import type { HealthWatch } from './health.ts';
import type { Role } from './role.ts';

/** One of several processes that share a port, from 1. */
export type Worker = { readonly number: number; readonly count: number };

export type NodeWanted = {
  readonly config: Config;
  readonly role: Role;
  /** Null when it has its port to itself. */
  readonly worker: Worker | null;
  readonly log: Logger;
};

export type NodeParts = NodeWanted & {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly forwarded: ForwardedReader;
  readonly pages: PageAccess;
  readonly health: HealthWatch;
  /** Takes what must be freed, in the order in which it was opened. */
  readonly owned: AsyncDisposableStack;
};
