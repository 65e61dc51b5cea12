/** What the exchange has counted: `GET /stat` by supply (seed 002), `GET /api/v1/stat` in all (seed 000). */
import { type Static, Type } from '@sinclair/typebox';
import type { Exchange } from '../../exchange/exchange.ts';
import { EXCHANGE_LIMIT } from '../../exchange/rule/limit.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { json } from '../http/reply.ts';
import { idQuery, integerQuery, type Parameter, queryOf, type Route } from '../http/route.ts';
import { Id } from '../http/schema.ts';
import { EXCHANGE_TAG, StatSource, SupplyStats, Totals } from './schema.ts';
import { supplyStats, totals } from './view.ts';

const SUPPLY_PARAMETERS: readonly Parameter[] = [
  { in: 'query', name: 'supply_id', description: 'only this supply', schema: Id },
  {
    in: 'query',
    name: 'limit',
    description: `most supplies in the answer (default and most ${EXCHANGE_LIMIT.statsPage})`,
    schema: Type.Integer({ minimum: 1, maximum: EXCHANGE_LIMIT.statsPage }),
  },
  {
    in: 'query',
    name: 'offset',
    description: 'supplies to leave out first, in the order of their first auction',
    schema: Type.Integer({ minimum: 0 }),
  },
];

export function supplyStatRoute(exchange: Exchange): Route {
  return {
    method: 'GET',
    path: '/stat',
    tag: EXCHANGE_TAG,
    summary: 'Counts auctions by supply, country and bidder',
    description:
      'Includes every auction that this node has answered. Supplies without any are absent.',
    parameters: SUPPLY_PARAMETERS,
    success: { description: 'The counters.', schema: SupplyStats },
    refusals: { 400: ['invalid_request'], 503: ['stats_unavailable'] },
    handle: async ({ request }) =>
      json(supplyStats(await exchange.readSupplies(wantedSupplies(queryOf(request))))),
  };
}

function wantedSupplies(query: URLSearchParams): Parameters<Exchange['readSupplies']>[0] {
  const most = EXCHANGE_LIMIT.statsPage;
  const limit = integerQuery(query, 'limit', { low: 1, high: most, fallback: most });
  const from = { low: 0, high: Number.MAX_SAFE_INTEGER, fallback: 0 };
  const offset = integerQuery(query, 'offset', from);
  const supplyId = idQuery(query, 'supply_id');
  return supplyId === null ? { limit, offset } : { supplyId };
}

export function totalsRoute(exchange: Exchange): Route {
  return {
    method: 'GET',
    path: '/api/v1/stat',
    tag: EXCHANGE_TAG,
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
      description: `The totals and the first ${EXCHANGE_LIMIT.topList} of each list.`,
      schema: Totals,
    },
    refusals: {
      400: ['invalid_request', 'no_archive'],
      503: ['stats_unavailable', 'archive_unavailable'],
    },
    handle: async ({ request }) => {
      const found = await exchange.readTotals(
        sourceQuery(queryOf(request)),
        EXCHANGE_LIMIT.topList,
      );
      if (found !== null) return json(totals(found));
      throw new HttpError(400, 'no_archive', {
        message: 'This node has no archive of auctions: POSTGRES_URL is not set.',
      });
    },
  };
}

function sourceQuery(query: URLSearchParams): Static<typeof StatSource> {
  const source = query.get('source') ?? 'live';
  if (source === 'live' || source === 'archive') return source;
  throw invalid(`source: expected ${StatSource.description}.`);
}
