/** A bidder of a data file. */
import type { Bidder } from '../rule/supply.ts';
import { type Entry, isObject } from './entry.ts';
import type { FaultList } from './fault-list.ts';

export type BidderEntry = {
  /** The country that it targets as two letters, null or absent for every country. */
  country?: string | null;
};

const COUNTRY_REGEX = /^[A-Za-z]{2}$/;

export function readBidder({ id, path, value }: Entry, faults: FaultList): Bidder {
  if (!isObject(value)) {
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
