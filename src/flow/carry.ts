/**
 * Carries events from a log to a target: a bus, or an archive directly.
 *
 * At least once and in order: a failed delivery is retried until it succeeds, before any later
 * event. Events that can never be delivered (`UnusableEventsError`) are reported and skipped. Under
 * load batches are `paceMs` apart and hold all events in between, so that followers commit a few
 * times per second and not once per event. In an idle log an event is carried at once. Stopping
 * carries one last batch, if the target accepts it.
 */
import { createBackoff } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { type Loop, type LoopPause, startLoop } from '../core/loop.ts';
import type { Timers } from '../core/timer.ts';
import { UnusableEventsError } from './bus.ts';
import type { Log, LogEntry } from './log.ts';

const READ_WAIT_MS = 250;
const RETRY = { firstMs: 20, longestMs: 2_000 };

export type CarryParts<Event> = {
  readonly log: Log<Event>;
  /** Resolves when the events are safe at the target. */
  readonly deliver: (events: readonly Event[]) => Promise<void>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly batchEvents: number;
  readonly paceMs: number;
  readonly onError: (error: unknown) => void;
};

export type CarryLag = { readonly events: number; readonly ageMs: number };

export type Carry = Loop & {
  /** False from a failure until the next delivery. */
  isWorking(): boolean;
  /** How many events are not carried yet, and the age of the oldest. */
  lag(): Promise<CarryLag>;
};

export function startCarry<Event>(parts: CarryParts<Event>): Carry {
  const { log, clock, timers, paceMs, onError } = parts;
  const backoff = createBackoff(RETRY);
  const batch = createBatch(parts);
  let carriedAtMs = Number.NEGATIVE_INFINITY;
  let isWorking = true;

  async function carry(pause: LoopPause): Promise<void> {
    const earlyMs = carriedAtMs + paceMs - clock.elapsedMs();
    if (!batch.isHeld() && earlyMs > 0) await pause.wait(earlyMs);
    if (await batch.carry(READ_WAIT_MS)) carriedAtMs = clock.elapsedMs();
  }

  async function run(pause: LoopPause): Promise<void> {
    while (!pause.isStopping()) {
      try {
        await carry(pause);
        isWorking = true;
        backoff.reset();
      } catch (error) {
        isWorking = false;
        onError(error);
        await pause.wait(backoff.nextMs());
      }
    }
    await batch.carry(0).catch(onError);
  }

  return {
    ...startLoop(timers, run),
    isWorking: () => isWorking,
    lag: async () => {
      const { events, oldestAtMs } = await log.backlog();
      return { events, ageMs: oldestAtMs === null ? 0 : Math.max(0, clock.nowMs() - oldestAtMs) };
    },
  };
}

/** Holds the events that were read but not delivered, so that they are retried first. */
function createBatch<Event>({ log, deliver, batchEvents, onError }: CarryParts<Event>) {
  let held: readonly LogEntry<Event>[] = [];

  return {
    isHeld: () => held.length > 0,
    /** @returns whether there was anything to carry. */
    async carry(waitMs: number): Promise<boolean> {
      if (held.length === 0) held = await log.read({ limit: batchEvents, waitMs });
      const newest = held.at(-1);
      if (newest === undefined) return false;
      await deliver(held.map(({ event }) => event)).catch((error: unknown) => {
        if (!(error instanceof UnusableEventsError)) throw error;
        onError(error);
      });
      await log.ack(newest.position);
      held = [];
      return true;
    },
  };
}
