import { join } from 'node:path';
import { openTemporaryFolder } from '../../../test/support/opened-live-file.ts';
import { busContract, type OpenedBus } from '../../port/bus.contract.ts';
import { openSqliteBus } from './bus.ts';

function openAt(path: string): OpenedBus {
  const bus = openSqliteBus(path, { onError: () => undefined });
  const reopen = async () => {
    await bus[Symbol.asyncDispose]();
    return openAt(path);
  };
  return { bus, reopen };
}

busContract('the SQLite bus', async () => {
  const folder = await openTemporaryFolder();
  return openAt(join(folder.path, 'bus.db'));
});
