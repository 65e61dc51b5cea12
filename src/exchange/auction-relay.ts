/**
 * Carries the auctions of a node from its spool to the bus.
 *
 * At least once and in order, behind a cursor that the spool keeps: what could not be published is tried
 * again until it is. What the spool dropped before it was carried is lost for the bus; it is counted and
 * told. Stopping carries what is there once more, as far as one batch goes and the bus takes it.
 */
import { type Loop, type LoopPause, startLoop } from '../core/loop.ts';
import type { Timers } from '../core/timer.ts';
import type { Bus } from '../flow/bus.ts';
import type { Spool, SpoolEntry } from './port/spool.ts';
import type { AuctionEvent } from './rule/auction.ts';

const EVENTS_PER_BATCH = 2_000;
/** Reading the spool commits it: not oftener than it commits by itself. */
const LOOK_EVERY_MS = 100;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export type AuctionRelayParts = {
  readonly spool: Pick<Spool, 'read' | 'carriedPosition' | 'setCarried' | 'lastPosition'>;
  readonly bus: Pick<Bus<AuctionEvent>, 'publish'>;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
  /** Told how many events the spool has dropped before they were carried. */
  readonly onLost: (events: number) => void;
};

export type AuctionRelay = Loop & {
  /** Events of the spool that are not carried yet. */
  backlog(): number;
  /** Events that were dropped before they were carried, since the start. */
  lostEvents(): number;
};

export function startAuctionRelay(parts: AuctionRelayParts): AuctionRelay {
  const { spool, bus, timers, onError, onLost } = parts;
  let held: readonly SpoolEntry[] = [];
  let lost = 0;

  /** Fills what is held and tells of gaps. */
  function read(): void {
    const carried = spool.carriedPosition();
    held = firstOf(spool.read(carried), EVENTS_PER_BATCH);
    const missing = (held.at(-1)?.position ?? carried) - carried - held.length;
    if (missing === 0) return;
    lost += missing;
    onLost(missing);
  }

  /** @returns whether there is likely more. */
  async function carry(): Promise<boolean> {
    if (held.length === 0) read();
    const newest = held.at(-1);
    if (newest === undefined) return false;
    await bus.publish(held.map(({ event }) => event));
    spool.setCarried(newest.position);
    const wasFull = held.length === EVENTS_PER_BATCH;
    held = [];
    return wasFull;
  }

  async function run(pause: LoopPause): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!pause.isStopping()) {
      try {
        if (!(await carry())) await pause.wait(LOOK_EVERY_MS);
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        onError(error);
        await pause.wait(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
    await carry().catch(onError);
  }

  return {
    ...startLoop(timers, run),
    backlog: () => spool.lastPosition() - spool.carriedPosition(),
    lostEvents: () => lost,
  };
}

function firstOf(entries: Iterable<SpoolEntry>, count: number): SpoolEntry[] {
  const first: SpoolEntry[] = [];
  for (const entry of entries) if (first.push(entry) === count) break;
  return first;
}
