/** `GET /supplies`: what can be auctioned. */
import type { Exchange } from '../../exchange/exchange.ts';
import { unavailable } from '../http/http-error.ts';
import { json } from '../http/reply.ts';
import type { Route } from '../http/route.ts';
import { EXCHANGE_TAG, Supplies } from './schema.ts';

export function supplyRoute(exchange: Exchange): Route {
  return {
    method: 'GET',
    path: '/supplies',
    tag: EXCHANGE_TAG,
    summary: 'Lists the supplies that can be auctioned',
    success: { description: 'Every supply of the catalogue in force.', schema: Supplies },
    refusals: { 503: ['no_catalogue'] },
    handle: () => {
      demandCatalogue(exchange);
      return json(exchange.supplyIds().map((id) => ({ id })));
    },
  };
}

/** A node that could not reach its catalogue yet has no version of it. @throws HttpError 503 */
export function demandCatalogue(exchange: Exchange): void {
  if (exchange.catalogVersion() > 0) return;
  throw unavailable('no_catalogue', 'This node has no catalogue yet: ask again.');
}
