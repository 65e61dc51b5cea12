/**
 * The data file: the JSON by which a catalogue is written by hand and handed over.
 *
 *     {"supplies": {"supply1": ["bidder1"], "supply2": {"bidders": ["bidder1"], "floor": 0.05}},
 *      "bidders": {"bidder1": {"country": "US"}}}
 *
 * Reading gives the whole content or every fault with its path, never a part. Money is in decimal
 * units and exact to the sixth place. Unknown fields are ignored; a name that stands twice in one object
 * is a fault. `catalog-file/` has a file for each noun.
 */
import { parseExactJson } from '../core/exact-json.ts';
import { type BidderEntry, readBidder } from './catalog-file/bidder.ts';
import { isObject, readEntries } from './catalog-file/entry.ts';
import { type CatalogFaults, createFaultList, type FaultList } from './catalog-file/fault-list.ts';
import { textOfFile } from './catalog-file/file-text.ts';
import { scanJson } from './catalog-file/json-text.ts';
import { readSupply, type SupplyEntry } from './catalog-file/supply.ts';
import { type CatalogBounds, EXCHANGE_LIMIT } from './rule/limit.ts';
import type { CatalogContent } from './rule/supply.ts';

/** The largest file that is read, in bytes. */
export const CATALOG_FILE_BYTES = 256 * 1024 * 1024;

/** What may be written; see the example above for its look. */
export type CatalogFile = {
  supplies: Record<string, string[] | SupplyEntry>;
  bidders: Record<string, BidderEntry>;
};

export type CatalogReading =
  | { readonly ok: true; readonly content: CatalogContent }
  | { readonly ok: false; readonly faults: CatalogFaults };

/** @param bytes of the file, as it lies there */
export function readCatalogFile(bytes: Uint8Array): CatalogReading {
  const file = textOfFile(bytes);
  return file.ok ? parseCatalogFile(file.text) : refused([file.fault]);
}

export function parseCatalogFile(
  text: string,
  bounds: CatalogBounds = EXCHANGE_LIMIT.catalog,
): CatalogReading {
  const { misplaced, twice } = scanJson(text);
  if (misplaced !== null) return refused([`the file is not JSON: ${misplaced}`]);
  if (twice.length === 0) return decodeText(text, bounds);
  const list = createFaultList(bounds.faults);
  for (const { path, line } of twice) list.add(path, `stands twice, again in line ${line}`);
  return { ok: false, faults: list.faults() };
}

function decodeText(text: string, bounds: CatalogBounds): CatalogReading {
  try {
    return decodeCatalog(parseExactJson(text), bounds);
  } catch (error) {
    return refused([`the file is not JSON: ${error instanceof Error ? error.message : error}`]);
  }
}

function refused(listed: readonly string[]): CatalogReading {
  return { ok: false, faults: { listed, more: 0 } };
}

/** @param value what `parseExactJson` gave */
export function decodeCatalog(
  value: unknown,
  bounds: CatalogBounds = EXCHANGE_LIMIT.catalog,
): CatalogReading {
  const list = createFaultList(bounds.faults);
  const content = readRoot(value, list, bounds);
  const faults = list.faults();
  return faults.listed.length === 0 ? { ok: true, content } : { ok: false, faults };
}

function readRoot(root: unknown, faults: FaultList, bounds: CatalogBounds): CatalogContent {
  if (!isObject(root)) {
    faults.add('the file', 'must be an object with "supplies" and "bidders"');
    return { supplies: [], bidders: [] };
  }
  const section = (field: keyof CatalogFile) =>
    readEntries({ path: field, value: root[field], most: bounds[field] }, faults);
  const bidderEntries = section('bidders');
  const bidders = bidderEntries?.map((entry) => readBidder(entry, faults)) ?? [];
  // Without a list of bidders every one would be unknown: one fault says it better than thousands.
  const bidderIds = bidderEntries && new Map(bidders.map(({ id }) => [id, id]));
  const context = { bidderIds, mostBidders: bounds.biddersPerSupply, faults };
  const supplies = section('supplies')?.map((entry) => readSupply(entry, context)) ?? [];
  return { supplies, bidders };
}
