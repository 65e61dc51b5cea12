/** `POST /api/v1/bid` and `GET /api/v1/stat` (seed 000): one auction over many supplies. */
import type { Static } from '@sinclair/typebox';
import { timestamp } from '../../core/clock.ts';
import { createDeadline } from '../../core/deadline.ts';
import { LIMIT } from '../../core/limit.ts';
import {
  addMicros,
  decimalFromMicros,
  type Micros,
  microsFromDecimal,
  ZERO_MICROS,
} from '../../core/money.ts';
import type { BatchRequest as Batch } from '../../exchange/exchange.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { createBodyReader } from '../http/body.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { RATE_LIMIT_HEADERS } from '../http/rate-limit.ts';
import { json } from '../http/reply.ts';
import { queryOf, type Route } from '../http/route.ts';
import { Amount, Country } from '../http/schema.ts';
import { countryOf, type ExchangeRouteParts } from './exchange.ts';
import { BatchReply, BatchRequest, StatSource, Totals } from './schema.ts';
import { totals } from './view.ts';

const TAG = 'Exchange';

export function batchRoutes(parts: ExchangeRouteParts): Route[] {
  return [bid(parts), stat(parts)];
}

type Body = Static<typeof BatchRequest>;

function bid({ exchange, limit, clock }: ExchangeRouteParts): Route {
  const readBody = createBodyReader(BatchRequest, LIMIT.bidBodyBytes);
  return {
    method: 'POST',
    path: '/api/v1/bid',
    tag: TAG,
    summary: 'Holds one auction over every supply of the request with every bidder of it',
    description:
      'Neither need be in the catalogue. A simulated bidder bids from its `bid_floor` to twice it; ' +
      'bids under the `floor_price` of a supply lose; a supply has at most one winner. No two ' +
      'bidders and no two supplies of a request have the same id; 1 and "1" are the same.',
    parameters: [
      { in: 'header', name: 'X-Country', description: "the user's country", schema: Country },
    ],
    body: BatchRequest,
    success: {
      description: 'The auction was held.',
      schema: BatchReply,
      headers: RATE_LIMIT_HEADERS,
    },
    refusals: {
      400: ['malformed_json', 'invalid_request'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      429: ['rate_limit_exceeded'],
    },
    handle: async (call) => {
      const body = await readBody(call.request);
      const batch = toBatch(body, countryOf(call.request.headers.get('x-country')));
      const headers = await limit(call, undefined);
      const tmaxMs = body.tmax ?? LIMIT.defaultTmaxMs;
      const deadline = createDeadline(clock, tmaxMs, () => call.request.signal);
      const { event } = await exchange.holdBatch(batch, deadline);
      return json(reply(event, body), headers);
    },
  };
}

function toBatch(body: Body, country: string | null): Batch {
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
    const supply = body.supplies[index];
    if (winnerId === null || clearingMicros === null || supply === undefined) continue;
    winningBids.push({
      bidder_id: bidderIds.get(winnerId) ?? winnerId,
      supply_id: supply.id,
      amount: decimalFromMicros(clearingMicros),
    });
    revenueMicros = addMicros(revenueMicros, clearingMicros);
  }
  return {
    auction_id: auctionId,
    winning_bids: winningBids,
    total_revenue: decimalFromMicros(revenueMicros),
    timestamp: timestamp(atMs),
  };
}

function stat({ stats, archive }: ExchangeRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/stat',
    tag: TAG,
    summary: 'Totals of all auctions, with the top bidders and supplies',
    parameters: [
      {
        in: 'query',
        name: 'source',
        description: 'live counters (the default), or the archive, which follows them by a moment',
        schema: StatSource,
      },
    ],
    success: {
      description: `The totals and the first ${LIMIT.topList} of each list.`,
      schema: Totals,
    },
    refusals: {
      400: ['invalid_request', 'no_archive'],
      503: ['stats_unavailable', 'archive_unavailable'],
    },
    handle: async ({ request }) => {
      const source = sourceQuery(queryOf(request)) === 'archive' ? required(archive) : stats;
      return json(totals(await source.readTotals(LIMIT.topList)));
    },
  };
}

function sourceQuery(query: URLSearchParams): string {
  const source = query.get('source') ?? 'live';
  if (source === 'live' || source === 'archive') return source;
  throw invalid(`source: expected ${StatSource.description}.`);
}

function required<Archive>(archive: Archive | null): Archive {
  if (archive !== null) return archive;
  throw new HttpError(400, 'no_archive', {
    message: 'This node has no archive of auctions: POSTGRES_URL is not set.',
  });
}
