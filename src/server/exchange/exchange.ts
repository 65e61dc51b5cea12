/** `GET /supplies`, `POST /bid`, `GET /stat` and the report of one auction (seeds 001 to 003). */
import { Type } from '@sinclair/typebox';
import type { Clock } from '../../core/clock.ts';
import { createDeadline } from '../../core/deadline.ts';
import { isId } from '../../core/id.ts';
import { LIMIT } from '../../core/limit.ts';
import { decimalFromMicros } from '../../core/money.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { AuctionArchive } from '../../exchange/port/auction-archive.ts';
import type { Stats } from '../../exchange/port/stats.ts';
import { createBodyReader } from '../http/body.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { type Limit, RATE_LIMIT_HEADERS } from '../http/rate-limit.ts';
import { json } from '../http/reply.ts';
import { integerQuery, queryOf, type Route } from '../http/route.ts';
import { Country, Id } from '../http/schema.ts';
import { AuctionReport, BidReply, BidRequest, Supplies, SupplyStats } from './schema.ts';
import { auctionReport, supplyStats } from './view.ts';

const TAG = 'Exchange';
const COUNTRY = /^[A-Za-z]{2}$/;

export type ExchangeRouteParts = {
  readonly exchange: Exchange;
  readonly stats: Stats;
  /** The auctions of all nodes; null when none is configured. */
  readonly archive: Pick<AuctionArchive, 'readTotals'> | null;
  readonly limit: Limit;
  readonly clock: Clock;
};

export function exchangeRoutes(parts: ExchangeRouteParts): Route[] {
  return [supplies(parts), bid(parts), stat(parts), auction(parts)];
}

function supplies({ exchange }: ExchangeRouteParts): Route {
  return {
    method: 'GET',
    path: '/supplies',
    tag: TAG,
    summary: 'Lists the supplies that can be auctioned',
    success: { description: 'Every supply of the catalogue in force.', schema: Supplies },
    refusals: { 503: ['no_catalogue'] },
    handle: () => {
      demandCatalogue(exchange);
      return json(exchange.supplyIds().map((id) => ({ id })));
    },
  };
}

function bid({ exchange, limit, clock }: ExchangeRouteParts): Route {
  const readBody = createBodyReader(BidRequest, LIMIT.bidBodyBytes);
  return {
    method: 'POST',
    path: '/bid',
    tag: TAG,
    summary: 'Holds an auction for one supply',
    description:
      'The eligible bidders are called and the highest valid bid wins. `tmax` is the deadline in ' +
      `milliseconds (default ${LIMIT.defaultTmaxMs}). The limit counts by \`ip\`, else by the ` +
      'client address. `winner` and `price` are null when nobody won.',
    parameters: [
      {
        in: 'header',
        name: 'X-Country',
        description: "the user's country when the body has none",
        schema: Country,
      },
    ],
    body: BidRequest,
    success: {
      description: 'The auction was held.',
      schema: BidReply,
      headers: RATE_LIMIT_HEADERS,
    },
    refusals: {
      400: ['malformed_json', 'invalid_request', 'unknown_supply', 'no_eligible_bidder'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      429: ['rate_limit_exceeded'],
      503: ['no_catalogue'],
    },
    handle: async (call) => {
      const { request } = call;
      const body = await readBody(request);
      demandCatalogue(exchange);
      const country = countryOf(body.country ?? request.headers.get('x-country'));
      const headers = await limit(call, body.ip);
      const deadline = createDeadline(
        clock,
        body.tmax ?? LIMIT.defaultTmaxMs,
        () => request.signal,
      );
      const held = await exchange.holdAuction({ supplyId: body.supply_id, country }, deadline);
      if (held.kind !== 'held') throw notHeld(held.kind, body.supply_id, country);
      const { auctionId, results } = held.event;
      const { winnerId = null, clearingMicros = null } = results[0] ?? {};
      const price = clearingMicros === null ? null : decimalFromMicros(clearingMicros);
      return json({ winner: winnerId, price, auction_id: auctionId }, headers);
    },
  };
}

/** A node that could not reach its catalogue yet has no version of it. */
function demandCatalogue(exchange: Exchange): void {
  if (exchange.catalogVersion() > 0) return;
  const message = 'This node has no catalogue yet: ask again.';
  throw new HttpError(503, 'no_catalogue', { message, headers: { 'retry-after': '1' } });
}

export function countryOf(text: string | null): string | null {
  if (text === null) return null;
  if (!COUNTRY.test(text)) throw invalid(`X-Country: expected ${Country.description}.`);
  return text.toUpperCase();
}

function notHeld(
  kind: 'unknown-supply' | 'no-eligible-bidder',
  supplyId: string,
  country: string | null,
): HttpError {
  if (kind === 'unknown-supply') {
    const message = `There is no supply "${supplyId}"; GET /supplies lists them.`;
    return new HttpError(400, 'unknown_supply', { message });
  }
  const where = country === null ? 'an unknown country (give country or X-Country)' : country;
  const message = `No bidder of supply "${supplyId}" is eligible for ${where}.`;
  return new HttpError(400, 'no_eligible_bidder', { message });
}

function stat({ stats }: ExchangeRouteParts): Route {
  return {
    method: 'GET',
    path: '/stat',
    tag: TAG,
    summary: 'Counts auctions by supply, country and bidder',
    description:
      'Includes every auction that this node has answered. Supplies without any are absent.',
    parameters: [
      { in: 'query', name: 'supply_id', description: 'only this supply', schema: Id },
      {
        in: 'query',
        name: 'limit',
        description: `most supplies in the answer (default and most ${LIMIT.statsPage})`,
        schema: Type.Integer({ minimum: 1, maximum: LIMIT.statsPage }),
      },
      {
        in: 'query',
        name: 'offset',
        description: 'supplies to leave out first, in the order of their first auction',
        schema: Type.Integer({ minimum: 0 }),
      },
    ],
    success: { description: 'The counters.', schema: SupplyStats },
    refusals: { 400: ['invalid_request'], 503: ['stats_unavailable'] },
    handle: async ({ request }) => {
      const query = queryOf(request);
      const limit = integerQuery(query, 'limit', {
        low: 1,
        high: LIMIT.statsPage,
        fallback: LIMIT.statsPage,
      });
      const offset = integerQuery(query, 'offset', {
        low: 0,
        high: Number.MAX_SAFE_INTEGER,
        fallback: 0,
      });
      const supplyId = query.get('supply_id');
      if (supplyId !== null && !isId(supplyId))
        throw invalid(`supply_id: expected ${Id.description}.`);
      return json(
        supplyStats(await stats.readSupplies(supplyId === null ? { limit, offset } : { supplyId })),
      );
    },
  };
}

function auction({ exchange }: ExchangeRouteParts): Route {
  return {
    method: 'GET',
    path: '/api/v1/auctions/:id',
    tag: TAG,
    summary: 'Explains one auction: every bidder with its end and the reason',
    parameters: [
      { in: 'path', name: 'id', description: 'the auction_id of an answer', schema: Id },
    ],
    success: { description: 'The auction as it was kept.', schema: AuctionReport },
    refusals: { 404: ['auction_not_found'], 503: ['archive_unavailable'] },
    handle: async ({ request }) => {
      const { id = '' } = request.params as Record<string, string | undefined>;
      const event = isId(id) ? await exchange.findAuction(id) : null;
      if (event !== null) return json(auctionReport(event));
      throw new HttpError(404, 'auction_not_found', {
        message: 'There is no such auction, or it is no longer kept.',
      });
    },
  };
}
