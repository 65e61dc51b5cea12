/**
 * `gavel serve`: from the environment to a node that runs until it is told to stop.
 *
 * The first start of an empty store loads a sample catalogue, so that there is something to try.
 * SIGTERM and SIGINT stop cleanly, so the process ends with 0; a second one ends it at once.
 */
import type { Logger } from 'pino';
import { createRandom } from '../core/random.ts';
import { decodeCatalog } from '../exchange/catalog-file.ts';
import {
  createSampleCatalog,
  SAMPLE_BIDDERS,
  SAMPLE_SUPPLIES,
} from '../exchange/sample-catalog.ts';
import { compose } from './compose.ts';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { openCatalog } from './store.ts';

/** The sample is the same everywhere, so that documents can show its answers. */
const SAMPLE_SEED = 1;
const ENDED_BY_SIGNAL = 130;

export async function serve(config: Config): Promise<void> {
  const log = createLog(config);
  // Listening from the first moment: a signal during the start stops the node as soon as it is up.
  const stopSignal = nextStopSignal();
  void stopSignal.then(nextStopSignal).then(() => process.exit(ENDED_BY_SIGNAL));
  await loadSampleAtFirstStart(config, log);
  const node = await compose(config, log);
  log.info({ url: node.url, supplies: node.exchange.supplyIds().length }, 'serving');
  const signal = await stopSignal;
  log.info({ signal }, 'stopping: finishing what is in flight');
  await node.stop();
  log.info('stopped');
  process.exit(0);
}

async function loadSampleAtFirstStart(config: Config, log: Logger): Promise<void> {
  await using catalog = await openCatalog(config);
  if ((await catalog.load()).version > 0) return;
  const size = { supplies: SAMPLE_SUPPLIES, bidders: SAMPLE_BIDDERS };
  const sample = decodeCatalog(createSampleCatalog(size, createRandom(SAMPLE_SEED)));
  if (!sample.ok) throw new Error('the sample catalogue is refused');
  await catalog.replace(sample.content);
  log.info(size, 'first start: loaded a sample catalogue');
}

function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}
