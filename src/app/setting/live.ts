/** Settings of the auctions of items, and of those who watch them. */
import { type Currency, findCurrency } from '../../live/rule/currency.ts';
import { integer, oneOf, readOrigins } from './kind.ts';
import { noFaults, section, setting, type ValuesOf } from './section.ts';

export const liveSection = section({
  title: 'Live items',
  rows: {
    itemsAutoCreate: setting({
      variable: 'ITEMS_AUTO_CREATE',
      fallback: 'on',
      purpose: 'whether an unknown item is opened when it is first asked for',
      ...oneOf(['on', 'off']),
    }),
    itemCurrency: setting<Currency>({
      variable: 'ITEM_CURRENCY',
      fallback: 'USD',
      allowed: 'a currency code of ISO 4217, such as EUR',
      purpose: 'the currency of items that name none',
      read: findCurrency,
    }),
    bidsPerSecondPerUser: setting({
      variable: 'BIDS_PER_SECOND_PER_USER',
      fallback: '50',
      purpose: 'bids on items of one user in a second; 0 turns the limit off',
      ...integer(0, 1_000_000),
    }),
    priceCache: setting({
      variable: 'PRICE_CACHE',
      fallback: 'on',
      purpose: 'whether a node refuses by itself, beside Redis, what is sure to lose',
      ...oneOf(['on', 'off']),
    }),
    socketOrigins: setting<readonly string[]>({
      variable: 'WS_ORIGINS',
      fallback: '',
      allowed:
        'origins without wildcards, with commas between, such as https://auction.example; empty is the own host',
      purpose: 'whose pages may watch items and bid',
      read: readOrigins,
    }),
    socketConnectionsPerAddress: setting({
      variable: 'WS_CONNECTIONS_PER_ADDRESS',
      fallback: '100',
      purpose: 'most sockets of one address at a time; 0 turns the limit off',
      ...integer(0, 1_000_000),
    }),
    socketTickMs: setting({
      variable: 'WS_TICK_MS',
      fallback: '50',
      purpose: 'least time between two frames of one item under load',
      ...integer(1, 1_000),
    }),
    socketDrainSeconds: setting({
      variable: 'WS_DRAIN_SECONDS',
      fallback: '2',
      purpose: 'over how long a stop spreads the closing of sockets',
      ...integer(0, 600),
    }),
  },
  faults: noFaults,
});

export type LiveConfig = ValuesOf<typeof liveSection.rows>;
