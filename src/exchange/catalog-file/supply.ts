/** A supply of a data file, with the bidders that may buy it. */
import { MICROS_PER_CENT, toMicros, ZERO_MICROS } from '../../core/money.ts';
import { AUCTION_TYPES, type AuctionType, type Supply } from '../rule/supply.ts';
import { type Entry, isObject, type Place, quote, readPrice } from './entry.ts';
import type { FaultList } from './fault-list.ts';

export type SupplyEntry = {
  bidders: string[];
  /** Decimal units, 0 by default. */
  floor?: number;
  /** First price by default. */
  auction?: AuctionType;
  /** Decimal units, 0.01 by default. Used by second price. */
  increment?: number;
};

export type SupplyContext = {
  /** The bidders of the file, each under its own name; undefined when they could not be read. */
  readonly bidderIds: ReadonlyMap<string, string> | undefined;
  readonly mostBidders: number;
  readonly faults: FaultList;
};

const PLAIN_SUPPLY = {
  floorMicros: ZERO_MICROS,
  auctionType: 'first-price',
  incrementMicros: toMicros(MICROS_PER_CENT),
  bidderIds: [],
} as const satisfies Omit<Supply, 'id'>;

export function readSupply({ id, path, value }: Entry, context: SupplyContext): Supply {
  const { faults } = context;
  if (Array.isArray(value)) {
    return { ...PLAIN_SUPPLY, id, bidderIds: readBidderIds({ path, value }, context) };
  }
  if (!isObject(value)) {
    faults.add(path, 'must be a list of bidders, or an object with "bidders"');
    return { ...PLAIN_SUPPLY, id };
  }
  const at = (field: keyof SupplyEntry) => ({ path: `${path}.${field}`, value: value[field] });
  return {
    id,
    floorMicros: readPrice(at('floor'), PLAIN_SUPPLY.floorMicros, faults),
    auctionType: readAuctionType(at('auction'), faults),
    incrementMicros: readPrice(at('increment'), PLAIN_SUPPLY.incrementMicros, faults),
    bidderIds: readBidderIds(at('bidders'), context),
  };
}

function readBidderIds({ path, value }: Place, context: SupplyContext): string[] {
  const { bidderIds, mostBidders, faults } = context;
  if (!Array.isArray(value)) {
    faults.add(path, 'must be a list of bidders');
    return [];
  }
  if (value.length > mostBidders) {
    faults.add(path, `must list at most ${mostBidders} bidders, not ${value.length}`);
    return [];
  }
  const chosen = new Set<string>();
  for (const [index, name] of value.entries()) {
    const fault = findNameFault(name, { chosen, bidderIds });
    if (fault !== undefined) faults.add(`${path}[${index}]`, fault);
    // The name as the list of bidders has it, so that the file's text is kept once.
    else chosen.add(bidderIds?.get(name) ?? name);
  }
  return [...chosen];
}

type Known = Pick<SupplyContext, 'bidderIds'> & { readonly chosen: ReadonlySet<string> };

function findNameFault(name: unknown, { chosen, bidderIds }: Known): string | undefined {
  if (typeof name !== 'string') return 'must be the name of a bidder';
  if (bidderIds?.has(name) === false) return `unknown bidder ${quote(name)}`;
  if (chosen.has(name)) return `bidder ${quote(name)} is listed twice`;
  return undefined;
}

function readAuctionType({ path, value }: Place, faults: FaultList): AuctionType {
  if (value === undefined) return PLAIN_SUPPLY.auctionType;
  const found = AUCTION_TYPES.find((type) => type === value);
  if (found === undefined) faults.add(path, `must be ${AUCTION_TYPES.map(quote).join(' or ')}`);
  return found ?? PLAIN_SUPPLY.auctionType;
}
