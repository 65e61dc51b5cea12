/** Where the files of a data folder lie. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config } from '../../setting/config.ts';
import type { Worker } from '../parts.ts';

const EXCHANGE_FILE = /^exchange(?:-(\d+))?\.db$/;

/** The book of the live items, which the others follow. */
export const BOOK_FILE = 'live.db';
/** The others, in the order in which events pass through them. */
const FOLLOWING = ['bus.db', 'archive.db'];

type Folder = Pick<Config, 'dataDir'>;

export function catalogPath({ dataDir }: Folder): string {
  return join(dataDir, 'gavel.db');
}

/** The file of the exchange's own events and counters: one per process. */
export function exchangePath({ dataDir }: Folder, worker: Worker | null): string {
  return join(dataDir, worker === null ? 'exchange.db' : `exchange-${worker.number}.db`);
}

/** Whether a file of the data folder is one of those. */
export function isExchangeFile(name: string): boolean {
  return EXCHANGE_FILE.test(name);
}

/**
 * Such files that no process serves any more, because there were more workers before, or none. The
 * first process takes care of them.
 */
export async function leftExchangePaths(
  { dataDir }: Folder,
  worker: Worker | null,
): Promise<string[]> {
  if (worker !== null && worker.number > 1) return [];
  const served =
    worker === null ? [''] : Array.from({ length: worker.count }, (_, at) => `${at + 1}`);
  return (await readdir(dataDir))
    .filter((name) => isExchangeFile(name) && !served.includes(numberOf(name)))
    .map((name) => join(dataDir, name));
}

/** The worker that wrote a file of the exchange; null when no worker did. */
export function workerNumberOf(path: string): number | null {
  const number = numberOf(basename(path));
  return number === '' ? null : Number(number);
}

function numberOf(exchangeFile: string): string {
  return EXCHANGE_FILE.exec(exchangeFile)?.[1] ?? '';
}

/** Whether a file of the data folder holds what must not be lost. */
export function isStoreFile(name: string): boolean {
  return name === 'gavel.db' || isExchangeFile(name) || [...FOLLOWING, BOOK_FILE].includes(name);
}

/** Any files, then those that follow the book, the book last. */
export function inOrderOfEvents(names: readonly string[]): string[] {
  const order = [...FOLLOWING, BOOK_FILE];
  const place = (name: string) => order.findIndex((one) => name.startsWith(one));
  return names.toSorted((left, right) => place(left) - place(right) || (left < right ? -1 : 1));
}

/** The files of the live auctions: the book with its outbox, the archive, the bus. */
export function livePaths({ dataDir }: Folder) {
  return {
    live: join(dataDir, BOOK_FILE),
    archive: join(dataDir, 'archive.db'),
    bus: join(dataDir, 'bus.db'),
  };
}
