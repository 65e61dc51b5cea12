/** The hash of a supply: from counters to the script's arguments, and from its fields to counters. */
import { toMicros } from '../../../core/money.ts';
import {
  type BidderTally,
  createBidderTally,
  createSupplyTally,
  type SupplyTally,
} from '../../../exchange/rule/tally.ts';

const COUNTRY = 'country:';
const BIDDER = 'bidder:';

/** The fields of the supply itself with their amounts, preceded by how many, then its bidders. */
export function supplyArguments(supply: SupplyTally): (string | number)[] {
  const { requests, revenueMicros, byCountry, bidders } = supply;
  const own = ['total_reqs', requests, 'revenue_micros', revenueMicros];
  const parts: (string | number)[] = [2 + byCountry.size, ...own];
  for (const [country, count] of byCountry) parts.push(COUNTRY + country, count);
  for (const [id, { wins, revenueMicros: micros, noBids, timeouts }] of bidders) {
    parts.push(id, wins, micros, noBids, timeouts);
  }
  return parts;
}

export function supplyOfHash(hash: Readonly<Record<string, string>>): SupplyTally {
  const supply = createSupplyTally();
  for (const [field, text] of Object.entries(hash)) {
    const value = Number(text);
    if (field === 'total_reqs') supply.requests = value;
    else if (field === 'revenue_micros') supply.revenueMicros = toMicros(value);
    else if (field.startsWith(COUNTRY)) supply.byCountry.set(field.slice(COUNTRY.length), value);
    else if (field.startsWith(BIDDER)) setOfBidder(supply, field, value);
  }
  return supply;
}

function setOfBidder({ bidders }: SupplyTally, field: string, value: number): void {
  // An id may hold colons; the names after it hold none.
  const end = field.lastIndexOf(':');
  const id = field.slice(BIDDER.length, end);
  let bidder = bidders.get(id);
  if (bidder === undefined) {
    bidder = createBidderTally();
    bidders.set(id, bidder);
  }
  setCounter(bidder, field.slice(end + 1), value);
}

function setCounter(bidder: BidderTally, name: string, value: number): void {
  if (name === 'wins') bidder.wins = value;
  else if (name === 'revenue_micros') bidder.revenueMicros = toMicros(value);
  else if (name === 'no_bids') bidder.noBids = value;
  else if (name === 'timeouts') bidder.timeouts = value;
}
