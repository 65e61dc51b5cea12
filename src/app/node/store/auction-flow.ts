/** How the auctions of all nodes come into the archive: over NATS, where it is configured. */

import { once } from '../../../core/once.ts';
import { openNatsBus } from '../../../driver/nats/bus.ts';
import { AUCTION_CHANNEL } from '../../../driver/nats/stream/channel.ts';
import type { Spool } from '../../../exchange/port/spool.ts';
import type { AuctionEvent } from '../../../exchange/rule/auction.ts';
import { type Bus, UnusableEventsError } from '../../../flow/bus.ts';
import { startCarry } from '../../../flow/carry.ts';
import { startFollow } from '../../../flow/follow.ts';
import type { Log } from '../../../flow/log.ts';
import type { Connections } from '../connections.ts';
import type { NodeParts } from '../parts.ts';

/** The reader of a spool whose place says what is archived, and the follower of the bus. */
const READER = 'archive';
const LOST = 'auctions left the spool before they were archived';
const EVENTS_PER_BATCH = 2_000;
/** Reading the spool commits it: not oftener than it commits by itself. */
const PACE_MS = 100;

export type AuctionFlow = {
  /** What of a spool is not archived yet. */
  left(spool: Spool): Log<AuctionEvent>;
  /** Carries it until the node stops. */
  carry(left: Log<AuctionEvent>): void;
  archive(): Promise<void>;
};

/** Null when there is no archive of auctions. */
export function createAuctionFlow(parts: NodeParts, connections: Connections): AuctionFlow | null {
  const { config, clock, timers, log, owned } = parts;
  if (config.postgresUrl === '') return null;
  const archive = () => connections.archives().auctions;
  const bus = once(() => openBus(parts, connections));
  return {
    left: (spool) => spool.reader(READER, (events) => log.error({ events }, LOST)),
    carry(left) {
      // Without a bus, the node that held the auctions archives them itself.
      const isDirect = config.natsUrl === '';
      const carry = startCarry({
        log: left,
        deliver: isDirect ? archive().append : bus().publish,
        clock,
        timers,
        batchEvents: EVENTS_PER_BATCH,
        paceMs: PACE_MS,
        onError: (err) => logNotTaken(err, parts),
      });
      if (isDirect) parts.health.add({ name: 'auctions', isUp: carry.isWorking });
      owned.defer(() => carry.stop());
    },
    async archive() {
      if (config.natsUrl === '') return;
      const follow = await startFollow({ bus: bus(), durableName: READER, sink: archive() });
      owned.defer(() => follow.stop());
    },
  };
}

function openBus(parts: NodeParts, connections: Connections): Bus<AuctionEvent> {
  const { health, owned } = parts;
  const onError = (err: unknown) => logNotTaken(err, parts);
  const bus = owned.use(openNatsBus(connections.nats(), AUCTION_CHANNEL, { onError }));
  health.add({ name: 'auctions', isUp: () => bus.isWorking() });
  health.addLetters(() => bus.deadLetters());
  return bus;
}

function logNotTaken(err: unknown, { log }: NodeParts): void {
  if (err instanceof UnusableEventsError) {
    log.error({ err }, 'auctions that no archive takes were left out');
  } else log.error({ err }, 'auctions were not taken; trying again');
}
