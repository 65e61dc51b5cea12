/** A bidder of a data file. */
import { countryOf } from '../rule/country.ts';
import type { Bidder } from '../rule/supply.ts';
import { type Entry, isObject } from './entry.ts';
import type { FaultList } from './fault-list.ts';

export type BidderEntry = {
  /** The country that it targets as two letters; null, unknown or absent for every country. */
  country?: string | null;
};

export function readBidder({ id, path, value }: Entry, faults: FaultList): Bidder {
  if (!isObject(value)) {
    faults.add(path, 'must be an object such as {"country": "US"}');
    return { id, country: null };
  }
  const given = value['country'] ?? null;
  if (given === null) return { id, country: null };
  const country = typeof given === 'string' ? countryOf(given) : undefined;
  if (country !== undefined) return { id, country };
  faults.add(
    `${path}.country`,
    'must be a country as two letters such as "US", or null for every country',
  );
  return { id, country: null };
}
