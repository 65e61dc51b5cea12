/** The limit of ad auctions per address: shared by all nodes through Redis, or this node's own. */
import { createFallbackLimiter } from '../../../driver/memory/limit/fallback-limiter.ts';
import { createMemoryRateLimiter } from '../../../driver/memory/rate-limiter.ts';
import { createRedisRateLimiter } from '../../../driver/redis/rate-limiter.ts';
import type { RateLimiter } from '../../../server/port/rate-limiter.ts';
import type { Connections } from '../connections.ts';
import type { NodeParts } from '../parts.ts';
import { hasRedis } from '../role.ts';

const MS_PER_SECOND = 1000;

/** Undefined when there is no limit. Each node counts for itself while Redis is away. */
export function openLimiter(parts: NodeParts, connections: Connections): RateLimiter | undefined {
  const { config, clock, health, log } = parts;
  const { rateLimitMaxRequests: maxRequests, rateLimitWindowSeconds } = config;
  if (maxRequests === 0) return undefined;
  const rule = { maxRequests, windowMs: rateLimitWindowSeconds * MS_PER_SECOND };
  const own = createMemoryRateLimiter(rule, clock);
  if (!hasRedis(config)) return own;
  const shared = createRedisRateLimiter(connections.redis(), rule, { name: 'auctions' });
  const onChange = (reason: unknown) => {
    if (reason === null) log.info('the limit is shared by all nodes again');
    else log.error({ err: reason }, 'each node limits for itself meanwhile');
  };
  const limiter = createFallbackLimiter({ shared, own, clock, onChange });
  health.add({ name: 'shared-limit', isUp: () => !limiter.isDegraded() });
  return limiter;
}
