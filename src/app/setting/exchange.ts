/** Settings of the exchange: its rate limit, its simulated bidders, what it keeps of past auctions. */
import { integer, oneOf, optional } from './kind.ts';
import { noFaults, section, setting, type ValuesOf } from './section.ts';

export const exchangeSection = section({
  title: 'Exchange',
  rows: {
    rateLimitMaxRequests: setting({
      variable: 'RATE_LIMIT_MAX_REQUESTS',
      fallback: '3',
      purpose: 'auctions of one address in a window; 0 turns the limit off',
      ...integer(0, 1_000_000),
    }),
    rateLimitWindowSeconds: setting({
      variable: 'RATE_LIMIT_WINDOW_SECONDS',
      fallback: '60',
      purpose: 'length of the sliding window',
      ...integer(1, 86_400),
    }),
    simulatedLatency: setting({
      variable: 'SIMULATED_LATENCY',
      fallback: 'drawn',
      purpose: 'drawn reports the latency of a simulated bidder, real sleeps it',
      ...oneOf(['drawn', 'real']),
    }),
    seed: setting({
      variable: 'SEED',
      purpose: 'makes simulated bidders and ties repeatable',
      ...optional(integer(0, 4_294_967_295), 'a new one at each start'),
    }),
    spoolMaxMegabytes: setting({
      variable: 'SPOOL_MAX_MB',
      fallback: '256',
      purpose: 'how much of past auctions is kept',
      ...integer(1, 1_000_000),
    }),
  },
  faults: noFaults,
});

export type ExchangeConfig = ValuesOf<typeof exchangeSection.rows>;
