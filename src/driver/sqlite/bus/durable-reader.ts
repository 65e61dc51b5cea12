/** Takes one durable name through the kept batches, at the pace of its handler. */
import { createBackoff } from '../../../core/backoff.ts';
import type { Timers } from '../../../core/timer.ts';
import type { WorkingPart } from '../../../core/working.ts';
import { type BusHandler, UnusableEventsError } from '../../../flow/bus.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import type { BusBatch } from './bus-rows.ts';

/** Small batches are handed over together until they hold this many events. */
const EVENTS_PER_CALL = 1_000;
const RETRY = { firstMs: 20, longestMs: 2_000 };

export type DurableReader = {
  /** Says that there may be more to read. */
  wake(): void;
  /** Resolves when the handler is not running any more. */
  stop(): Promise<void>;
};

export type DurableReaderParts = {
  readonly from: number;
  readonly after: (position: number) => BusBatch | null;
  readonly handler: BusHandler<ItemEvent>;
  readonly passed: (position: number) => void;
  readonly putAside: (events: readonly ItemEvent[]) => void;
  readonly timers: Timers;
  readonly working: WorkingPart;
  readonly onError: (error: unknown) => void;
};

export function startDurableReader(parts: DurableReaderParts): DurableReader {
  const { passed, timers, working, onError } = parts;
  const backoff = createBackoff(RETRY);
  let position = parts.from;
  let isStopped = false;
  let callOff: (() => void) | undefined;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    try {
      for (;;) {
        const next = collect(parts.after, position);
        if (next.events.length === 0 || isStopped) break;
        await handle(next.events, parts);
        position = next.last;
        passed(position);
        backoff.reset();
        working.works();
      }
      working.works();
    } catch (error) {
      onError(error);
      working.failed();
      if (!isStopped) pause();
    }
  }

  function pause(): void {
    callOff = timers.after(backoff.nextMs(), () => {
      callOff = undefined;
      wake();
    });
  }

  function wake(): void {
    if (isStopped || callOff !== undefined || running !== undefined) return;
    running = run().finally(() => {
      running = undefined;
    });
  }

  // Later, so that the subscriber has its answer before its first batch.
  queueMicrotask(wake);
  return {
    wake,
    stop: async () => {
      isStopped = true;
      callOff?.();
      await running;
      working.works();
    },
  };
}

/** Small batches after a position, together. */
function collect(
  after: DurableReaderParts['after'],
  position: number,
): { events: ItemEvent[]; last: number } {
  const events: ItemEvent[] = [];
  let last = position;
  while (events.length < EVENTS_PER_CALL) {
    const batch = after(last);
    if (batch === null) break;
    for (const event of batch.events) events.push(event);
    last = batch.position;
  }
  return { events, last };
}

async function handle(
  events: readonly ItemEvent[],
  { handler, putAside, onError }: DurableReaderParts,
): Promise<void> {
  try {
    await handler(events);
  } catch (error) {
    if (!(error instanceof UnusableEventsError)) throw error;
    onError(error);
    putAside(events.filter(({ eventId }) => error.eventIds.includes(eventId)));
  }
}
