/** Every route of the exchange (seeds 000 to 003), in the order in which /openapi.json lists them. */
import type { Route } from '../http/route.ts';
import { type AuctionRouteParts, bidRoute, reportRoute } from './auction-route.ts';
import { batchRoute } from './batch-route.ts';
import { supplyStatRoute, totalsRoute } from './stat-route.ts';
import { supplyRoute } from './supply-route.ts';

export function exchangeRoutes(parts: AuctionRouteParts): Route[] {
  const { exchange } = parts;
  return [
    supplyRoute(exchange),
    bidRoute(parts),
    supplyStatRoute(exchange),
    reportRoute(exchange),
    batchRoute(parts),
    totalsRoute(exchange),
  ];
}
