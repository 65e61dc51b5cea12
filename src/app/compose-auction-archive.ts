/** How the auctions of all nodes come into the archive: over the bus, where one is configured. */
import { openNatsBus } from '../driver/nats/bus.ts';
import { AUCTION_CHANNEL } from '../driver/nats/channel.ts';
import { startAuctionArchiver } from '../exchange/auction-archiver.ts';
import { startAuctionRelay } from '../exchange/auction-relay.ts';
import type { AuctionEvent } from '../exchange/rule/auction.ts';
import { systemTimers } from '../live/system-timers.ts';
import type { Bus } from '../port/bus.ts';
import type { Spool } from '../port/spool.ts';
import { once } from './connections.ts';
import type { NodeParts } from './node.ts';

export type AuctionArchiving = {
  /** Carries what this node's spool takes. */
  relay(spool: Spool): void;
  archive(): Promise<void>;
};

/** Null when there is no archive of auctions, or nothing that leads to it. */
export function createAuctionArchiving(parts: NodeParts): AuctionArchiving | null {
  const { config, connections, health, log, owned } = parts;
  if (config.postgresUrl === '' || config.natsUrl === '') return null;
  const onError = (err: unknown) => log.error({ err }, 'auctions were not taken; trying again');
  const bus = once((): Bus<AuctionEvent> => {
    const opened = owned.use(openNatsBus(connections.nats(), AUCTION_CHANNEL, { onError }));
    health.addLetters(() => opened.deadLetters());
    return opened;
  });
  return {
    relay(spool) {
      const onLost = (events: number) =>
        log.error({ events }, 'auctions left the spool before they were archived');
      const relay = startAuctionRelay({
        ...{ spool, bus: bus(), timers: systemTimers },
        ...{ onError, onLost },
      });
      owned.defer(() => relay.stop());
    },
    async archive() {
      const archive = connections.archives().auctions;
      const archiver = await startAuctionArchiver({ bus: bus(), archive });
      owned.defer(() => archiver.stop());
    },
  };
}
