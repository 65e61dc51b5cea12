/** `POST /bid`, an auction for one supply, and the report of an auction (seeds 001 to 003). */
import type { Static } from '@sinclair/typebox';
import { present } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import { createDeadline } from '../../core/deadline.ts';
import { isId } from '../../core/id.ts';
import type { Exchange, NotHeld } from '../../exchange/exchange.ts';
import type { AuctionEvent } from '../../exchange/rule/auction.ts';
import { EXCHANGE_LIMIT } from '../../exchange/rule/limit.ts';
import { createBodyReader } from '../http/body.ts';
import { HttpError } from '../http/http-error.ts';
import { decimalOrNull, json } from '../http/reply.ts';
import { pathText, type Route } from '../http/route.ts';
import { Id } from '../http/schema.ts';
import { AUCTION_LIMIT_HEADERS, type AuctionLimit, checkAddress } from './auction-limit.ts';
import { AuctionReply, AuctionReport, AuctionRequest, Country, EXCHANGE_TAG } from './schema.ts';
import { demandCatalogue } from './supply-route.ts';
import { userCountry } from './user-country.ts';
import { auctionReport } from './view.ts';

export type AuctionRouteParts = {
  readonly exchange: Exchange;
  readonly limit: AuctionLimit;
  readonly clock: Clock;
};

export function bidRoute(parts: AuctionRouteParts): Route {
  return {
    method: 'POST',
    path: '/bid',
    tag: EXCHANGE_TAG,
    summary: 'Holds an auction for one supply',
    description:
      'The eligible bidders are called and the highest valid bid wins. `tmax` is the deadline in ' +
      `milliseconds (default ${EXCHANGE_LIMIT.defaultTmaxMs}). The limit counts by \`ip\`, else by the ` +
      'client address. `winner` and `price` are null when nobody won.',
    parameters: [
      {
        in: 'header',
        name: 'X-Country',
        description: "the user's country when the body has none",
        schema: Country,
      },
    ],
    body: AuctionRequest,
    success: {
      description: 'The auction was held.',
      schema: AuctionReply,
      headers: AUCTION_LIMIT_HEADERS,
    },
    refusals: {
      400: ['malformed_json', 'invalid_request', 'unknown_supply', 'no_eligible_bidder'],
      413: ['body_too_large'],
      415: ['unsupported_media_type'],
      429: ['rate_limit_exceeded'],
      503: ['no_catalogue'],
    },
    handle: bidHandler(parts),
  };
}

function bidHandler({ exchange, limit, clock }: AuctionRouteParts): Route['handle'] {
  const readBody = createBodyReader(AuctionRequest);
  return async (call) => {
    const { request } = call;
    const { supply_id: supplyId, ...body } = await readBody(request);
    demandCatalogue(exchange);
    const country = userCountry(request.headers, body.country);
    checkAddress(body.ip);
    const refusal = exchange.refusalOf({ supplyId, country });
    if (refusal !== null) throw notHeld(refusal.kind, supplyId, country);
    const headers = await limit(call, body.ip);
    const tmaxMs = body.tmax ?? EXCHANGE_LIMIT.defaultTmaxMs;
    const deadline = createDeadline(clock, tmaxMs, () => request.signal);
    const held = await exchange.holdAuction({ supplyId, country }, deadline);
    if (held.kind === 'held') return json(reply(held.event), headers);
    throw notHeld(held.kind, supplyId, country);
  };
}

function reply({ auctionId, results }: AuctionEvent): Static<typeof AuctionReply> {
  const { winnerId, clearingMicros } = present(results[0], 'the one impression');
  return { winner: winnerId, price: decimalOrNull(clearingMicros), auction_id: auctionId };
}

function notHeld(kind: NotHeld['kind'], supplyId: string, country: string | null): HttpError {
  if (kind === 'unknown-supply') {
    const message = `There is no supply "${supplyId}"; GET /supplies lists them.`;
    return new HttpError(400, 'unknown_supply', { message });
  }
  const where = country === null ? 'an unknown country (give country or X-Country)' : country;
  const message = `No bidder of supply "${supplyId}" is eligible for ${where}.`;
  return new HttpError(400, 'no_eligible_bidder', { message });
}

export function reportRoute(exchange: Exchange): Route {
  return {
    method: 'GET',
    path: '/api/v1/auctions/:id',
    tag: EXCHANGE_TAG,
    summary: 'Explains one auction: every bidder with its end and the reason',
    parameters: [
      { in: 'path', name: 'id', description: 'the auction_id of an answer', schema: Id },
    ],
    success: { description: 'The auction as it was kept.', schema: AuctionReport },
    refusals: { 404: ['auction_not_found'], 503: ['archive_unavailable'] },
    handle: async (call) => {
      const id = pathText(call);
      const event = isId(id) ? await exchange.findAuction(id) : null;
      if (event !== null) return json(auctionReport(event));
      throw new HttpError(404, 'auction_not_found', {
        message: 'There is no such auction, or it is no longer kept.',
      });
    },
  };
}
