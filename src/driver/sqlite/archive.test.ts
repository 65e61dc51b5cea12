import { archiveContract } from '../../port/archive.contract.ts';
import { openSqliteArchive } from './archive.ts';

archiveContract('the SQLite archive', async () => openSqliteArchive(':memory:'));
