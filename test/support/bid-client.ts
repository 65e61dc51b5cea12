/** A client of the live items of a real server, with answers in the checker's types. */
import {
  decimalFromMicros,
  type Micros,
  microsFromDecimal,
  toMicros,
} from '../../src/core/money.ts';
import { REFUSALS } from '../../src/live/rule/item.ts';
import type { BidAnswer, BidParameters, ReadAnswer } from '../checker/history.ts';

export const ADMIN_KEY = 'a-key-for-tests-only';

export type ShownItem = {
  readonly seq: number;
  readonly current_bid: number;
  readonly status: ReadAnswer['status'];
  readonly outcome: string | null;
  readonly highest_bidder_id: string | null;
  readonly ends_at: string | null;
};
export type ShownEvent = {
  readonly seq: number;
  readonly type: string;
  readonly timestamp: string;
  /** Of a bid only. */
  readonly by_proxy?: boolean;
};

type Told = {
  readonly code: string;
  readonly seq: number;
  readonly event_id: string | null;
  readonly bid_id: string;
  readonly current_bid: number;
  readonly minimum_next_bid: number | null;
  readonly is_highest: boolean;
  readonly outbid_by_proxy: boolean;
};

const HISTORY_PAGE = 1_000;

export async function createItem(url: string, body: object): Promise<void> {
  const response = await fetch(`${url}/api/v1/items`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-admin-key': ADMIN_KEY },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`not created: ${await response.text()}`);
}

export async function postBid(url: string, itemId: string, bid: BidParameters): Promise<Response> {
  return fetch(`${url}/api/v1/items/${itemId}/bid`, bidInit(bid));
}

export function bidInit(bid: BidParameters): RequestInit {
  const { userId, amountMicros, maxMicros, buyNow, idempotencyKey } = bid;
  const key = idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey };
  const amount = amountMicros === null ? {} : { amount: decimalFromMicros(amountMicros) };
  const most = maxMicros === null ? {} : { max_amount: decimalFromMicros(maxMicros) };
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...key },
    body: JSON.stringify({ user_id: userId, buy_now: buyNow, ...amount, ...most }),
  };
}

/** A 503 is unknown: the bid may have been taken. @throws when the connection is lost. */
export async function placeBid(url: string, itemId: string, bid: BidParameters) {
  return readBidAnswer(await postBid(url, itemId, bid));
}

export async function readBidAnswer(response: Response): Promise<BidAnswer> {
  const answer = answerOf(response.status, (await response.json()) as Told);
  const isCached = response.headers.get('gavel-cached') === 'true';
  return answer.kind === 'refused' && isCached ? { ...answer, cached: true } : answer;
}

function answerOf(status: number, told: Told): BidAnswer {
  const priceMicros = micros(told.current_bid ?? 0);
  switch (status) {
    case 200: {
      const { seq, event_id: eventId, bid_id: bidId, is_highest: isHighest } = told;
      const { outbid_by_proxy: outbidByProxy } = told;
      return { kind: 'accepted', seq, eventId, bidId, priceMicros, isHighest, outbidByProxy };
    }
    case 409: {
      const code = REFUSALS.find((known) => known === told.code);
      const { minimum_next_bid: next } = told;
      if (code === undefined) throw new Error(`an unknown refusal: ${told.code}`);
      const nextMicros = next === null ? null : micros(next);
      return { kind: 'refused', code, seq: told.seq, priceMicros, nextMicros };
    }
    case 404:
      return { kind: 'unknown-item' };
    case 422:
      return { kind: 'idempotency-key-reused' };
    case 503:
      return { kind: 'unknown' };
    default:
      throw new Error(`a bid was answered ${status}: ${JSON.stringify(told)}`);
  }
}

/** A read that was answered 503: it depended on a commit that failed. */
export class UndecidedReadError extends Error {
  override readonly name = 'UndecidedReadError';
}

/** @throws UndecidedReadError */
export async function showItem(url: string, itemId: string): Promise<ShownItem> {
  const response = await fetch(`${url}/api/v1/items/${itemId}`);
  if (response.status === 503) throw new UndecidedReadError(await response.text());
  if (response.status !== 200) throw new Error(`no item: ${response.status}`);
  return (await response.json()) as ShownItem;
}

export async function readItem(url: string, itemId: string): Promise<ReadAnswer> {
  const { seq, current_bid, status } = await showItem(url, itemId);
  return { seq, status, priceMicros: micros(current_bid) };
}

/** The whole history, page by page. */
export async function readHistory(url: string, itemId: string): Promise<ShownEvent[]> {
  const events: ShownEvent[] = [];
  for (;;) {
    const query = `after_seq=${events.at(-1)?.seq ?? 0}&limit=${HISTORY_PAGE}`;
    const response = await fetch(`${url}/api/v1/items/${itemId}/bids?${query}`);
    const page = (await response.json()) as { events: ShownEvent[]; next_after_seq: number | null };
    events.push(...page.events);
    if (page.next_after_seq === null) return events;
  }
}

function micros(units: number): Micros {
  return microsFromDecimal(units) ?? toMicros(Number.NaN);
}
