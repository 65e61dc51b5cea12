/** Answers over HTTP: ad auctions with their statistics, and bids on items. */
import { createMemoryRateLimiter } from '../../../driver/memory/rate-limiter.ts';
import type { Route } from '../../../server/http/route.ts';
import { createAdminGate, createLookerReader } from '../../../server/live/identity.ts';
import { itemAdminRoutes } from '../../../server/live/item-admin-routes.ts';
import { itemRoutes } from '../../../server/live/item-routes.ts';
import { createUserLimit } from '../../../server/live/user-limit.ts';
import { openExchangeRoutes } from '../face/exchange.ts';
import { createHealthCheck } from '../health-check.ts';
import type { NodeParts } from '../parts.ts';
import { hasDuty } from '../role.ts';
import type { LiveStore } from '../store/live-store.ts';
import { isCarriedInTime } from '../store/relay-lag.ts';
import type { NodeStores } from '../stores.ts';
import type { Duty } from './duty.ts';

const MS_PER_SECOND = 1000;

export const apiDuty: Duty = {
  name: 'api',
  needsBook: true,
  async start(parts, stores) {
    const exchange = await openExchangeRoutes(parts, stores);
    if (!hasDuty(parts.role, 'relay')) watchRelay(parts, stores.items);
    return { routes: [...exchange, ...(await openItemRoutes(parts, stores))] };
  },
};

/** Whoever decides bids tells when nobody carries their events away. */
function watchRelay({ clock, timers, health }: NodeParts, items: LiveStore): void {
  const outboxes = items.outboxes();
  const ask = () => isCarriedInTime(outboxes, clock);
  health.add({ name: 'relay', isUp: createHealthCheck({ clock, timers, ask }) });
}

async function openItemRoutes(parts: NodeParts, stores: NodeStores): Promise<Route[]> {
  const { config, clock } = parts;
  const live = await stores.live();
  const identity = await stores.identity();
  const userLimit = createUserLimit(userLimiterOf(parts));
  const requireAdmin = createAdminGate(config.adminKey);
  const lookerOf = createLookerReader(identity, requireAdmin);
  return [
    ...itemRoutes({ live, identity, lookerOf, userLimit, clock }),
    ...itemAdminRoutes({ live, requireAdmin, clock, currency: config.itemCurrency }),
  ];
}

function userLimiterOf({ config, clock }: NodeParts) {
  const { bidsPerSecondPerUser: maxRequests } = config;
  if (maxRequests === 0) return undefined;
  return createMemoryRateLimiter({ maxRequests, windowMs: MS_PER_SECOND }, clock);
}
