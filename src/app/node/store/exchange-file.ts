/** The files that a node's exchange writes its auctions to, and those that earlier processes left. */
import { type ExchangeFile, openExchangeFile } from '../../../driver/sqlite/spool.ts';
import type { NodeParts } from '../parts.ts';
import type { AuctionFlow } from './auction-flow.ts';
import { holdWorkerFile } from './data-folder.ts';
import { exchangePath, leftExchangePaths, workerNumberOf } from './paths.ts';

const BYTES_PER_MEGABYTE = 1_000_000;

/** The file of this process. */
export function openOwnFile(parts: NodeParts): ExchangeFile {
  const { config, health, owned, worker } = parts;
  const file = owned.use(openFile(exchangePath(config, worker), parts));
  health.add({ name: 'spool', isUp: file.isWorking });
  return file;
}

function openFile(path: string, { config, timers, log }: NodeParts): ExchangeFile {
  const file = openExchangeFile(path, {
    maxBytes: config.spoolMaxMegabytes * BYTES_PER_MEGABYTE,
    timers,
    onError: (err) => {
      const droppedEvents = file.droppedEvents();
      log.error({ err, droppedEvents }, 'auctions could not be written; trying again');
    },
  });
  return file;
}

/** Carries what earlier processes had not. A file that cannot be read holds up nobody. */
export async function carryLeftFiles(auctions: AuctionFlow, parts: NodeParts): Promise<void> {
  const { config, log, worker } = parts;
  for (const path of await leftExchangePaths(config, worker)) {
    try {
      await carryLeftFile(path, { auctions, parts });
    } catch (err) {
      log.error({ path, err }, 'the auctions of an earlier process cannot be archived');
    }
  }
}

async function carryLeftFile(
  path: string,
  { auctions, parts }: { auctions: AuctionFlow; parts: NodeParts },
): Promise<void> {
  const { log, owned } = parts;
  await using opened = new AsyncDisposableStack();
  const number = workerNumberOf(path);
  if (number !== null) opened.use(await holdWorkerFile(number, parts));
  const left = auctions.left(opened.use(openFile(path, parts)).spool);
  const { events } = await left.backlog();
  if (events === 0) return;
  log.info({ path, auctions: events }, 'archiving the auctions of an earlier process');
  owned.use(opened.move());
  auctions.carry(left);
}
