/** Takes one durable name through the kept batches, at the pace of its handler. */
import type { WorkingPart } from '../../../core/working.ts';
import { type BusHandler, UnusableEventsError } from '../../../flow/bus.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import type { BusBatch } from './bus-rows.ts';

/** Small batches are handed over together until they hold this many events. */
const EVENTS_PER_CALL = 1_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

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
  readonly working: WorkingPart;
  readonly onError: (error: unknown) => void;
};

export function startDurableReader(parts: DurableReaderParts): DurableReader {
  const { after, handler, passed, putAside, working, onError } = parts;
  let position = parts.from;
  let pauseMs = FIRST_PAUSE_MS;
  let isStopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;

  function collect(): { events: ItemEvent[]; last: number } {
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

  async function handle(events: readonly ItemEvent[]): Promise<void> {
    try {
      await handler(events);
    } catch (error) {
      if (!(error instanceof UnusableEventsError)) throw error;
      onError(error);
      putAside(events.filter(({ eventId }) => error.eventIds.includes(eventId)));
    }
  }

  async function run(): Promise<void> {
    try {
      for (let next = collect(); next.events.length > 0 && !isStopped; next = collect()) {
        await handle(next.events);
        position = next.last;
        passed(position);
        pauseMs = FIRST_PAUSE_MS;
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
    retry = setTimeout(() => {
      retry = undefined;
      wake();
    }, pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  function wake(): void {
    if (isStopped || retry !== undefined || running !== undefined) return;
    running = run().finally(() => {
      running = undefined;
    });
  }

  // A turn later, so that the subscriber has its answer before its first batch.
  queueMicrotask(wake);
  return {
    wake,
    stop: async () => {
      isStopped = true;
      clearTimeout(retry);
      await running;
      working.works();
    },
  };
}
