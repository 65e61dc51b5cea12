import { afterAll } from 'bun:test';
import { join } from 'node:path';
import { openLiveFileAt, openTemporaryFolder } from '../../../../test/support/opened-live-file.ts';
import type { Clock } from '../../../core/clock.ts';
import { itemIndexContract } from '../../../live/port/item-index.contract.ts';
import { type OpenedOutbox, outboxContract } from '../../../live/port/outbox.contract.ts';

const folder = await openTemporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
let files = 0;

function openAt(path: string, clock: Clock): OpenedOutbox {
  const { book, outbox } = openLiveFileAt(path, clock);
  const reopen = async () => {
    await book[Symbol.asyncDispose]();
    return openAt(path, clock);
  };
  return { book, outbox, reopen };
}

outboxContract('the SQLite outbox', async (clock) => {
  files += 1;
  return openAt(join(folder.path, `live${files}.db`), clock);
});

itemIndexContract('the SQLite item index', async (clock) => openLiveFileAt(':memory:', clock));
