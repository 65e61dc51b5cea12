import { afterAll } from 'bun:test';
import { join } from 'node:path';
import { openTemporaryFolder } from '../../../test/support/opened-live-file.ts';
import { busContract, type OpenedBus } from '../../port/bus.contract.ts';
import { openSqliteBus } from './bus.ts';

const folder = await openTemporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
let files = 0;

function openAt(path: string): OpenedBus {
  const bus = openSqliteBus(path, { onError: () => undefined });
  const reopen = async () => {
    await bus[Symbol.asyncDispose]();
    return openAt(path);
  };
  return { bus, reopen };
}

busContract('the SQLite bus', async () => {
  files += 1;
  return openAt(join(folder.path, `bus${files}.db`));
});
