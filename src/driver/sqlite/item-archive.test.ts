import { archiveContract } from '../../live/port/item-archive.contract.ts';
import { openSqliteArchive } from './item-archive.ts';

archiveContract('the SQLite archive', async () => openSqliteArchive(':memory:'));
