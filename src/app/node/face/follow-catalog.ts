/**
 * Keeps the exchange on the newest catalogue.
 *
 * The first start of an empty store loads a sample, so that there is something to try. A store on
 * another machine may be away when the node starts: then it is tried again until it is there, and
 * until then the exchange has no catalogue.
 */
import { createRandom } from '../../../core/random.ts';
import { startRetry } from '../../../core/retry.ts';
import { sleep } from '../../../core/timer.ts';
import { decodeCatalog } from '../../../exchange/catalog-file.ts';
import type { Exchange } from '../../../exchange/exchange.ts';
import type { Catalog } from '../../../exchange/port/catalog.ts';
import type { CatalogVersion } from '../../../exchange/rule/supply.ts';
import {
  createSampleCatalog,
  SAMPLE_BIDDERS,
  SAMPLE_SUPPLIES,
} from '../../../exchange/sample-catalog.ts';
import type { NodeParts } from '../parts.ts';
import { isForeignHistory, openCatalog } from '../store/catalog-store.ts';

/** The sample is the same everywhere, so that documents can show its answers. */
const SAMPLE_SEED = 1;
/** What needs no catalogue does not wait longer for a store that does not answer. */
const START_MS = 2_000;

export async function followCatalog(exchange: Exchange, parts: NodeParts): Promise<void> {
  const { config, health, log, owned, timers } = parts;
  const follower = createFollower(exchange, parts);
  owned.use(follower);
  health.add({ name: 'catalogue', isUp: follower.isFollowing });
  if (config.postgresUrl === '') return await follower.start();
  const retry = startRetry({
    timers,
    attempt: follower.start,
    isFinal: isForeignHistory,
    onError: (err) => log.error({ err }, 'the catalogue cannot be read yet; trying again'),
  });
  owned.defer(retry.giveUp);
  await Promise.race([retry.tried, sleep(timers, START_MS)]);
}

/** One that is ended while it starts ends what it has started. */
function createFollower(exchange: Exchange, parts: NodeParts) {
  let followed: Followed | undefined;
  let isOver = false;
  return {
    isFollowing: () => followed?.catalog.isWorking() ?? false,
    async start(): Promise<void> {
      const opened = await follow(exchange, parts);
      if (isOver) await opened[Symbol.asyncDispose]();
      else followed = opened;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      isOver = true;
      await followed?.[Symbol.asyncDispose]();
    },
  };
}

type Followed = AsyncDisposable & { readonly catalog: Catalog };

/** @returns what ends it. */
async function follow(exchange: Exchange, { config, log }: NodeParts): Promise<Followed> {
  await using opened = new AsyncDisposableStack();
  const catalog = opened.use(await openCatalog(config));
  exchange.useCatalog(await loadOrSample(catalog, log));
  const stopWatching = catalog.watch(exchange.catalogVersion(), (version) => {
    exchange.useCatalog(version);
    log.info(sizeOf(version), 'catalogue replaced');
  });
  opened.defer(stopWatching);
  const owned = opened.move();
  return { catalog, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function loadOrSample(catalog: Catalog, log: NodeParts['log']): Promise<CatalogVersion> {
  const found = await catalog.load();
  if (found.version > 0) return found;
  const size = { supplies: SAMPLE_SUPPLIES, bidders: SAMPLE_BIDDERS };
  const sample = decodeCatalog(createSampleCatalog(size, createRandom(SAMPLE_SEED)));
  if (!sample.ok) throw new Error('the sample catalogue is refused');
  const isFirst = await catalog.begin(sample.content);
  if (isFirst) log.info(size, 'first start: loaded a sample catalogue');
  return catalog.load();
}

function sizeOf({ version, supplies, bidders }: CatalogVersion) {
  return { version, supplies: supplies.length, bidders: bidders.length };
}
