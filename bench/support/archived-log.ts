/** An item's archived events, read over HTTP like any client, and how far they reach. */
import { microsFromDecimal, toMicros } from '../../src/core/money.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { EventJson } from '../../src/server/live/item-json.ts';
import { showItem } from '../../test/support/bid-client.ts';

const PAGE = 1_000;
const POLL_MS = 50;
const READ_WITHIN_MS = 5_000;

type Page = { readonly events: readonly EventJson[]; readonly next_after_seq: number | null };

/** The current seq of the book; retries until it answers. */
export async function decidedSeq(url: string, itemId: string, withinMs: number): Promise<number> {
  return await untilDone(`the state of ${itemId}`, withinMs, async () => {
    return (await showItem(url, itemId)).seq;
  });
}

/** Waits until the archive has an item without a gap up to `seq`. */
export async function untilArchived(
  url: string,
  { itemId, seq }: { readonly itemId: string; readonly seq: number },
  withinMs: number,
): Promise<void> {
  let archivedSeq = 0;
  await untilDone(`seq ${seq} of ${itemId} in the archive`, withinMs, async () => {
    let page: Page;
    do {
      page = await readPage(url, itemId, archivedSeq);
      archivedSeq = page.events.at(-1)?.seq ?? archivedSeq;
    } while (page.next_after_seq !== null);
    return archivedSeq >= seq || undefined;
  });
}

export async function readArchivedLog(url: string, itemId: string): Promise<ItemEvent[]> {
  const log: ItemEvent[] = [];
  for (;;) {
    const { events, next_after_seq: next } = await readPage(url, itemId, log.at(-1)?.seq ?? 0);
    log.push(...events.map(eventOf));
    if (next === null) return log;
  }
}

async function readPage(url: string, itemId: string, afterSeq: number): Promise<Page> {
  const query = `after_seq=${afterSeq}&limit=${PAGE}`;
  const response = await fetch(`${url}/api/v1/items/${itemId}/bids?${query}`, {
    signal: AbortSignal.timeout(READ_WITHIN_MS),
  });
  if (response.status !== 200) throw new Error(`no history: ${response.status}`);
  return (await response.json()) as Page;
}

/** Tries again until there is a value. @throws with the last reason when it takes too long */
async function untilDone<Value>(
  what: string,
  withinMs: number,
  attempt: () => Promise<Value | undefined>,
): Promise<Value> {
  const endMs = performance.now() + withinMs;
  let reason: unknown = 'it is not there';
  while (performance.now() < endMs) {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      reason = error;
    }
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`${what}: not within ${withinMs} ms: ${reason}`);
}

/**
 * The event behind its view. The load bids no maxima, so no proxy answered and nothing is secret.
 */
function eventOf(view: EventJson): ItemEvent {
  if (view.type !== 'bid') throw new Error(`an event of the type ${view.type} on a bid-only item`);
  return {
    type: 'bid',
    eventId: view.event_id,
    itemId: view.item_id,
    epoch: view.epoch,
    seq: view.seq,
    atMs: Date.parse(view.timestamp),
    bidId: view.bid_id,
    userId: view.user_id,
    amountMicros: micros(view.amount),
    previousMicros: micros(view.previous_bid),
    byProxy: view.by_proxy,
    beaten: null,
    reserveMet: view.reserve_met,
    endsAtMs: view.ends_at === null ? null : Date.parse(view.ends_at),
  };
}

function micros(units: number) {
  return microsFromDecimal(units) ?? toMicros(Number.NaN);
}
