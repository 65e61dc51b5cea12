/**
 * Carries the events of the outbox to the bus: reads a batch, publishes it, acks it.
 *
 * At least once and in order: a batch that could not be published is tried again until it is, and
 * nothing behind it is published before. Stopping ends after the batch under way.
 */
import type { Clock } from '../core/clock.ts';
import { type Loop, type LoopPause, startLoop } from '../core/loop.ts';
import type { Timers } from '../core/timer.ts';
import type { Bus } from '../flow/bus.ts';
import type { Outbox, OutboxEntry } from './port/outbox.ts';
import type { ItemEvent } from './rule/item.ts';

const EVENTS_PER_BATCH = 5_000;
/**
 * The least time between two batches: under load a batch holds what came meanwhile, so that the bus
 * and those who follow it commit 50 times a second and not once a turn. An idle relay does not wait.
 */
const PACE_MS = 20;
const READ_WAIT_MS = 250;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

export type RelayParts = {
  readonly outbox: Outbox;
  readonly bus: Pick<Bus<ItemEvent>, 'publish'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
};

export type RelayLag = { readonly events: number; readonly ageMs: number };

export type Relay = Loop & {
  /** Events that are not carried yet, and the age of the oldest. */
  lag(): Promise<RelayLag>;
};

export function startRelay({ outbox, bus, clock, timers, onError }: RelayParts): Relay {
  async function carry(entries: readonly OutboxEntry[]): Promise<void> {
    const newest = entries.at(-1);
    if (newest === undefined) return;
    await bus.publish(entries.map(({ event }) => event));
    await outbox.ack(newest.position);
  }

  async function run(pause: LoopPause): Promise<void> {
    let held: readonly OutboxEntry[] = [];
    let pauseMs = FIRST_PAUSE_MS;
    let carriedAtMs = Number.NEGATIVE_INFINITY;
    while (!pause.isStopping()) {
      try {
        if (held.length === 0) {
          const earlyMs = carriedAtMs + PACE_MS - clock.elapsedMs();
          if (earlyMs > 0) await pause.wait(earlyMs);
          held = await outbox.read({ limit: EVENTS_PER_BATCH, waitMs: READ_WAIT_MS });
        }
        await carry(held);
        if (held.length > 0) carriedAtMs = clock.elapsedMs();
        held = [];
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        onError(error);
        await pause.wait(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  return {
    ...startLoop(timers, run),
    lag: async () => {
      const { events, oldestAtMs } = await outbox.backlog();
      return { events, ageMs: oldestAtMs === null ? 0 : Math.max(0, clock.nowMs() - oldestAtMs) };
    },
  };
}
