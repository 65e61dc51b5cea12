/**
 * `gavel serve`: from the environment to a node that runs until a signal stops it.
 *
 * SIGTERM and SIGINT stop cleanly, so the process ends with 0; a second one ends it at once. A worker
 * stops when its parent is gone, too.
 */
import { compose } from '../node/compose.ts';
import { createLog, warnOfMisspelt } from '../node/log.ts';
import type { NodeWanted } from '../node/parts.ts';
import { demandPort, explainStart } from './port.ts';
import { demandSharing, parentOfWorker } from './workers.ts';

const ENDED_BY_SIGNAL = 130;

export async function serve({ config, role, worker }: Omit<NodeWanted, 'log'>): Promise<void> {
  const log = createLog(config);
  // The parent of a worker has warned already, of the same environment.
  if (worker === null) warnOfMisspelt(log);
  if (role !== 'all') demandSharing(config, `--role ${role}`);
  // Workers share the port that their parent has asked for.
  if (worker === null) demandPort(config.serverAddress);
  // Listening from the first moment: a signal during the start stops the node as soon as it is up.
  const stopSignal = worker === null ? nextStopSignal() : nextStopOfWorker();
  void stopSignal.then(nextStopSignal).then(() => process.exit(ENDED_BY_SIGNAL));
  const node = await compose({ config, role, worker, log }).catch((error: unknown) => {
    parentOfWorker.leave();
    throw explainStart(config.serverAddress, error);
  });
  log.info({ url: node.url, role }, 'serving');
  if (worker !== null) parentOfWorker.tellServing();
  const signal = await stopSignal;
  log.info({ signal }, 'stopping: finishing what is in flight');
  await node.stop();
  log.info('stopped');
  process.exit(0);
}

function nextStopOfWorker(): Promise<string> {
  return Promise.race([nextStopSignal(), parentOfWorker.gone().then(() => 'the parent is gone')]);
}

function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}
