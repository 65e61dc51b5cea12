/**
 * The data file: the JSON by which a catalogue is written by hand and handed over.
 *
 *     {"supplies": {"supply1": ["bidder1"], "supply2": {"bidders": ["bidder1"], "floor": 0.05}},
 *      "bidders": {"bidder1": {"country": "US"}}}
 *
 * Reading gives the whole content or every fault with its path, never a part. Money is in decimal
 * units and exact to the sixth place. Unknown fields are ignored. Not noticed: a name that stands
 * twice in one object, of which JSON keeps the last.
 */
import { isId } from '../core/id.ts';
import { LIMIT } from '../core/limit.ts';
import {
  decimalFromMicros,
  MICROS_PER_CENT,
  type Micros,
  microsFromDecimal,
  toMicros,
  ZERO_MICROS,
} from '../core/money.ts';
import {
  AUCTION_TYPES,
  type AuctionType,
  type Bidder,
  type CatalogContent,
  type Supply,
} from './rule/supply.ts';

/** What may be written; see the example above for its look. */
export type CatalogFile = {
  supplies: Record<string, string[] | SupplyEntry>;
  bidders: Record<string, { country?: string | null }>;
};
export type SupplyEntry = {
  bidders: string[];
  /** Decimal units, 0 by default. */
  floor?: number;
  /** First price by default. */
  auction?: AuctionType;
  /** Decimal units, 0.01 by default. Used by second price. */
  increment?: number;
};

export type CatalogReading =
  | { readonly ok: true; readonly content: CatalogContent }
  | { readonly ok: false; readonly faults: CatalogFaults };

/** At most `LIMIT.catalogFaults` sentences, each led by its path, and how many more there are. */
export type CatalogFaults = { readonly listed: readonly string[]; readonly more: number };

export function parseCatalogFile(text: string): CatalogReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, faults: { listed: [`the file is not JSON: ${reason}`], more: 0 } };
  }
  return decodeCatalog(value);
}

/** @param value what `JSON.parse` gave */
export function decodeCatalog(value: unknown): CatalogReading {
  const faults = createFaultList();
  const content = readRoot(value, faults);
  const { listed, more } = faults;
  return listed.length === 0 ? { ok: true, content } : { ok: false, faults: { listed, more } };
}

type FaultList = {
  readonly listed: string[];
  more: number;
  add(path: string, fault: string): void;
};

function createFaultList(): FaultList {
  return {
    listed: [],
    more: 0,
    add(path, fault) {
      if (this.listed.length < LIMIT.catalogFaults) this.listed.push(`${path}: ${fault}`);
      else this.more += 1;
    },
  };
}

const PLAIN_SUPPLY = {
  floorMicros: ZERO_MICROS,
  auctionType: 'first-price',
  incrementMicros: toMicros(MICROS_PER_CENT),
  bidderIds: [],
} as const satisfies Omit<Supply, 'id'>;
const MOST_UNITS = decimalFromMicros(toMicros(LIMIT.priceMicros));
const COUNTRY_REGEX = /^[A-Za-z]{2}$/;

function readRoot(root: unknown, faults: FaultList): CatalogContent {
  if (!isRecord(root)) {
    faults.add('the file', 'must be an object with "supplies" and "bidders"');
    return { supplies: [], bidders: [] };
  }
  const bidderEntries = readEntries(root, BIDDER_SECTION, faults);
  const bidders = bidderEntries?.map((entry) => readBidder(entry, faults)) ?? [];
  // Without a list of bidders every one would be unknown: one fault says it better than thousands.
  const bidderIds = bidderEntries && new Map(bidders.map(({ id }) => [id, id]));
  const supplyEntries = readEntries(root, SUPPLY_SECTION, faults) ?? [];
  const supplies = supplyEntries.map((entry) => readSupply(entry, { bidderIds, faults }));
  return { supplies, bidders };
}

type Entry = { readonly id: string; readonly path: string; readonly value: unknown };
type Section = { readonly field: keyof CatalogFile; readonly most: number };

const BIDDER_SECTION: Section = { field: 'bidders', most: LIMIT.catalogBidders };
const SUPPLY_SECTION: Section = { field: 'supplies', most: LIMIT.catalogSupplies };

/** @returns `undefined`, with its fault noted, when there is no such section to go through. */
function readEntries(
  root: Record<string, unknown>,
  { field, most }: Section,
  faults: FaultList,
): Entry[] | undefined {
  const section = root[field];
  if (!isRecord(section)) {
    faults.add(field, 'must be an object with an entry for each name');
    return undefined;
  }
  const ids = Object.keys(section);
  if (ids.length > most) {
    faults.add(field, `must hold at most ${most} names, not ${ids.length}`);
    return undefined;
  }
  return ids.map((id) => {
    const path = `${field}${pathStep(id)}`;
    checkName(id, path, faults);
    return { id, path, value: section[id] };
  });
}

function checkName(id: string, path: string, faults: FaultList): void {
  if (!isId(id)) {
    faults.add(path, 'a name must be 1 to 128 letters, digits or any of _ . : -, but not . or ..');
  } else if (id in Object.prototype) {
    // Such a name as a key of somebody's plain object would reach its prototype.
    faults.add(path, `the name ${quote(id)} is reserved`);
  }
}

function readBidder({ id, path, value }: Entry, faults: FaultList): Bidder {
  if (!isRecord(value)) {
    faults.add(path, 'must be an object such as {"country": "US"}');
    return { id, country: null };
  }
  const country = value['country'] ?? null;
  if (country === null) return { id, country };
  if (typeof country === 'string' && COUNTRY_REGEX.test(country)) {
    return { id, country: country.toUpperCase() };
  }
  faults.add(`${path}.country`, 'must be two letters such as "US", or null for every country');
  return { id, country: null };
}

type Context = {
  readonly bidderIds: ReadonlyMap<string, string> | undefined;
  readonly faults: FaultList;
};
type Place = { readonly path: string; readonly value: unknown };

function readSupply({ id, path, value }: Entry, context: Context): Supply {
  if (Array.isArray(value)) {
    return { ...PLAIN_SUPPLY, id, bidderIds: readBidderIds({ path, value }, context) };
  }
  if (!isRecord(value)) {
    context.faults.add(path, 'must be a list of bidders, or an object with "bidders"');
    return { ...PLAIN_SUPPLY, id };
  }
  const at = (field: keyof SupplyEntry) => ({ path: `${path}.${field}`, value: value[field] });
  return {
    id,
    floorMicros: readPrice(at('floor'), PLAIN_SUPPLY.floorMicros, context),
    auctionType: readAuctionType(at('auction'), context),
    incrementMicros: readPrice(at('increment'), PLAIN_SUPPLY.incrementMicros, context),
    bidderIds: readBidderIds(at('bidders'), context),
  };
}

function readBidderIds({ path, value }: Place, { bidderIds, faults }: Context): string[] {
  if (!Array.isArray(value)) {
    faults.add(path, 'must be a list of bidders');
    return [];
  }
  if (value.length > LIMIT.catalogBiddersPerSupply) {
    const most = LIMIT.catalogBiddersPerSupply;
    faults.add(path, `must list at most ${most} bidders, not ${value.length}`);
    return [];
  }
  const chosen = new Set<string>();
  for (const [index, name] of value.entries()) {
    const fault = findNameFault(name, { chosen, bidderIds });
    if (fault !== undefined) faults.add(`${path}[${index}]`, fault);
    else chosen.add(bidderIds?.get(name) ?? name);
  }
  return [...chosen];
}

type Known = Pick<Context, 'bidderIds'> & { readonly chosen: ReadonlySet<string> };

function findNameFault(name: unknown, { chosen, bidderIds }: Known): string | undefined {
  if (typeof name !== 'string') return 'must be the name of a bidder';
  if (bidderIds?.has(name) === false) return `unknown bidder ${quote(name)}`;
  if (chosen.has(name)) return `bidder ${quote(name)} is listed twice`;
  return undefined;
}

function readPrice({ path, value }: Place, otherwise: Micros, { faults }: Context): Micros {
  if (value === undefined) return otherwise;
  const micros = typeof value === 'number' ? microsFromDecimal(value) : undefined;
  if (micros !== undefined && micros >= 0 && micros <= LIMIT.priceMicros) {
    // A written -0 is a plain zero.
    return micros === 0 ? ZERO_MICROS : micros;
  }
  faults.add(path, `must be a number from 0 to ${MOST_UNITS} with at most six decimal places`);
  return otherwise;
}

function readAuctionType({ path, value }: Place, { faults }: Context): AuctionType {
  if (value === undefined) return PLAIN_SUPPLY.auctionType;
  const found = AUCTION_TYPES.find((type) => type === value);
  if (found === undefined) faults.add(path, `must be ${AUCTION_TYPES.map(quote).join(' or ')}`);
  return found ?? PLAIN_SUPPLY.auctionType;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const QUOTED_CHARACTERS = 64;

function quote(name: string): string {
  const short = name.length > QUOTED_CHARACTERS ? `${name.slice(0, QUOTED_CHARACTERS)}…` : name;
  return JSON.stringify(short);
}

function pathStep(id: string): string {
  return isId(id) && !id.includes('.') ? `.${id}` : `[${quote(id)}]`;
}
