/** `POST /api/v1/bid`: one auction over many supplies (seed 000). */
import type { Static } from '@sinclair/typebox';
import { present } from '../../core/assert.ts';
import { timestamp } from '../../core/clock.ts';
import { createDeadline } from '../../core/deadline.ts';
import {
  addMicros,
  decimalFromMicros,
  type Micros,
  microsFromDecimal,
  ZERO_MICROS,
} from '../../core/money.ts';
import type { BatchAuction } from '../../exchange/exchange.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { EXCHANGE_LIMIT } from '../../exchange/rule/limit.ts';
import { unsoldReason } from '../../exchange/rule/unsold.ts';
import { createBodyReader } from '../http/body.ts';
import { invalid } from '../http/http-error.ts';
import { json } from '../http/reply.ts';
import type { Route } from '../http/route.ts';
import { Amount } from '../http/schema.ts';
import { AUCTION_LIMIT_HEADERS } from './auction-limit.ts';
import type { AuctionRouteParts } from './auction-route.ts';
import { BatchReply, BatchRequest, Country, EXCHANGE_TAG } from './schema.ts';
import { userCountry } from './user-country.ts';

type Body = Static<typeof BatchRequest>;

export function batchRoute({ exchange, limit, clock }: AuctionRouteParts): Route {
  const readBody = createBodyReader(BatchRequest);
  return {
    method: 'POST',
    path: '/api/v1/bid',
    tag: EXCHANGE_TAG,
    summary: 'Holds one auction over every supply of the request with every bidder of it',
    description:
      'Neither need be in the catalogue. A simulated bidder bids from its `bid_floor` to twice it; ' +
      'bids under the `floor_price` of a supply lose; a supply has at most one winner, and one that ' +
      'has none is in `unsold` with the reason. No two bidders and no two supplies of a request have ' +
      'the same id; 1 and "1" are the same.',
    parameters: [
      { in: 'header', name: 'X-Country', description: "the user's country", schema: Country },
    ],
    body: BatchRequest,
    success: {
      description: 'The auction was held.',
      schema: BatchReply,
      headers: AUCTION_LIMIT_HEADERS,
    },
    refusals: {
      400: ['malformed_json', 'invalid_request'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      429: ['rate_limit_exceeded'],
    },
    handle: async (call) => {
      const body = await readBody(call.request);
      const batch = toBatch(body, userCountry(call.request.headers));
      const headers = await limit(call, undefined);
      const tmaxMs = body.tmax ?? EXCHANGE_LIMIT.defaultTmaxMs;
      const deadline = createDeadline(clock, tmaxMs, () => call.request.signal);
      const { event } = await exchange.holdBatch(batch, deadline);
      return json(reply(event, body), headers);
    },
  };
}

function toBatch(body: Body, country: string | null): BatchAuction {
  requireDistinct('bidders', body.bidders);
  requireDistinct('supplies', body.supplies);
  return {
    bidders: body.bidders.map(({ id, bid_floor }, index) => ({
      id: String(id),
      country: null,
      bidFloorMicros: exactMicros(bid_floor, `bidders.${index}.bid_floor`),
    })),
    imps: body.supplies.map(({ id, floor_price }, index) => ({
      supplyId: String(id),
      country,
      floorMicros: exactMicros(floor_price, `supplies.${index}.floor_price`),
      auctionType: 'first-price',
      incrementMicros: ZERO_MICROS,
    })),
  };
}

function requireDistinct(name: string, list: readonly { readonly id: string | number }[]): void {
  const seen = new Set<string>();
  for (const [index, { id }] of list.entries()) {
    if (seen.has(String(id))) throw invalid(`${name}.${index}.id: "${id}" is there twice.`);
    seen.add(String(id));
  }
}

function exactMicros(amount: number, place: string): Micros {
  const value = microsFromDecimal(amount);
  if (value === undefined) throw invalid(`${place}: expected ${Amount.description}.`);
  return value;
}

/** Ids come back as the request wrote them: a number stays a number. */
function reply({ auctionId, atMs, results }: AuctionEvent, body: Body) {
  const bidderIds = new Map(body.bidders.map(({ id }) => [String(id), id]));
  const winningBids: Static<typeof BatchReply>['winning_bids'] = [];
  let revenueMicros = ZERO_MICROS;
  for (const [index, { winnerId, clearingMicros }] of results.entries()) {
    if (winnerId === null || clearingMicros === null) continue;
    winningBids.push({
      bidder_id: present(bidderIds.get(winnerId), `the bidder ${winnerId}`),
      supply_id: present(body.supplies[index], 'the supply that was sold').id,
      amount: decimalFromMicros(clearingMicros),
    });
    revenueMicros = addMicros(revenueMicros, clearingMicros);
  }
  return {
    auction_id: auctionId,
    winning_bids: winningBids,
    total_revenue: decimalFromMicros(revenueMicros),
    timestamp: timestamp(atMs),
    ...unsold(results, body),
  };
}

/** Nothing when all was sold: the answer is then that of the seed. */
function unsold(results: AuctionEvent['results'], { supplies }: Body) {
  const list = results.flatMap((result, index) => {
    const reason = unsoldReason(result);
    if (reason === undefined) return [];
    return [{ supply_id: present(supplies[index], 'the supply that was not sold').id, reason }];
  });
  return list.length === 0 ? {} : { unsold: list };
}
