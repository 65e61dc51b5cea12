/** How the auctions of all nodes come into the archive: over NATS, where it is configured. */

import { once } from '../../../core/once.ts';
import { systemTimers } from '../../../core/timer.ts';
import { createWorking } from '../../../core/working.ts';
import { openNatsBus } from '../../../driver/nats/bus.ts';
import { AUCTION_CHANNEL } from '../../../driver/nats/stream/channel.ts';
import { startAuctionArchiver } from '../../../exchange/auction-archiver.ts';
import { startAuctionRelay } from '../../../exchange/auction-relay.ts';
import type { AuctionArchive } from '../../../exchange/port/auction-archive.ts';
import type { Spool } from '../../../exchange/port/spool.ts';
import type { AuctionEvent } from '../../../exchange/rule/auction.ts';
import { type Bus, UnusableEventsError } from '../../../flow/bus.ts';
import type { NodeParts } from '../parts.ts';

export type AuctionArchiving = {
  /** Carries what this node's spool takes. */
  relay(spool: Spool): void;
  archive(): Promise<void>;
};

/** Null when there is no archive of auctions. */
export function createAuctionArchiving(parts: NodeParts): AuctionArchiving | null {
  const { config, connections, log, owned } = parts;
  if (config.postgresUrl === '') return null;
  const onError = (err: unknown) => log.error({ err }, 'auctions were not taken; trying again');
  const archive = () => connections.archives().auctions;
  const bus = once(() => openBus(parts, onError));
  const way = once((): Way => (config.natsUrl === '' ? wayInto(archive(), parts) : bus()));
  return {
    relay(spool) {
      const onLost = (events: number) =>
        log.error({ events }, 'auctions left the spool before they were archived');
      const relay = startAuctionRelay({
        ...{ spool, bus: way(), timers: systemTimers },
        ...{ onError, onLost },
      });
      owned.defer(() => relay.stop());
    },
    async archive() {
      if (config.natsUrl === '') return;
      const archiver = await startAuctionArchiver({ bus: bus(), archive: archive() });
      owned.defer(() => archiver.stop());
    },
  };
}

function openBus(
  { connections, health, owned }: NodeParts,
  onError: (error: unknown) => void,
): Bus<AuctionEvent> {
  const bus = owned.use(openNatsBus(connections.nats(), AUCTION_CHANNEL, { onError }));
  health.add({ name: 'auctions', isUp: () => bus.isWorking() });
  health.addLetters(() => bus.deadLetters());
  return bus;
}

type Way = Pick<Bus<AuctionEvent>, 'publish'>;

/** Without a bus the node that held the auctions archives them itself. */
function wayInto(archive: AuctionArchive, { health, log }: NodeParts): Way {
  const working = createWorking();
  const appending = working.part();
  health.add({ name: 'auctions', isUp: working.isWorking });
  return {
    publish: async (events) => {
      try {
        await archive.append(events);
        appending.works();
      } catch (error) {
        if (!(error instanceof UnusableEventsError)) {
          appending.failed();
          throw error;
        }
        // The others are archived, and these would never be.
        log.error({ err: error }, 'auctions that no archive takes were left out');
      }
    },
  };
}
