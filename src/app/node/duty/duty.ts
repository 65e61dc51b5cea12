/** A duty: what a node is started for, and what it then serves. */
import type { Route } from '../../../server/http/route.ts';
import type { Sockets } from '../../../server/live/sockets.ts';
import type { NodeParts } from '../parts.ts';
import type { DutyName } from '../role.ts';
import type { NodeStores } from '../stores.ts';

export type Served = { readonly routes: readonly Route[]; readonly sockets?: Sockets };

export type Duty = {
  readonly name: DutyName;
  /** Whether it decides or reads items where they are decided. */
  readonly needsBook: boolean;
  start(parts: NodeParts, stores: NodeStores): Promise<Served>;
};

export const NOTHING_SERVED: Served = { routes: [] };
