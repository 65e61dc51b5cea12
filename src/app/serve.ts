/**
 * `gavel serve`: from the environment to a node that runs until it is told to stop.
 *
 * The first start of an empty store loads a sample catalogue, so that there is something to try. SIGTERM
 * and SIGINT stop cleanly and end with 0; a second one ends at once.
 */
import type { Logger } from 'pino';
import { createRandom } from '../core/random.ts';
import { generateCatalogFile } from '../exchange/sample-catalog.ts';
import { compose } from './compose.ts';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { openCatalog } from './store.ts';

export async function serve(config: Config): Promise<void> {
  const log = createLog(config);
  await loadSampleCatalog(config, log);
  const node = await compose(config, log);
  log.info({ url: node.url, supplies: node.exchange.supplyIds().length }, 'gavel serves');
  const signal = await stopSignal();
  log.info({ signal }, 'stopping: finishing what is in flight');
  await node.stop();
  log.info('stopped');
}
