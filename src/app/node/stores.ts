/** What the duties of a node share: connections, stores and faces, each opened when first asked for. */
import { once } from '../../core/once.ts';
import type { Live } from '../../live/live.ts';
import type { Identity } from '../../server/live/identity.ts';
import { type Connections, createConnections } from './connections.ts';
import { openLiveFace } from './face/live.ts';
import { openIdentity } from './identity.ts';
import type { NodeParts } from './parts.ts';
import { type AuctionFlow, createAuctionFlow } from './store/auction-flow.ts';
import { createLiveStore, type LiveStore } from './store/live-store.ts';

export type NodeStores = {
  readonly connections: Connections;
  readonly items: LiveStore;
  /** Null when there is no archive of auctions. */
  readonly auctions: AuctionFlow | null;
  live(): Promise<Live>;
  identity(): Promise<Identity>;
};

export function createStores(parts: NodeParts): NodeStores {
  const connections = createConnections(parts);
  const items = createLiveStore(parts, connections);
  const auctions = createAuctionFlow(parts, connections);
  return {
    connections,
    items,
    auctions,
    live: once(() => openLiveFace(parts, items)),
    identity: once(() => openIdentity(parts)),
  };
}
