import type { Command } from 'commander';
import { backUp } from '../app/command/backup.ts';
import type { StoreConfig } from '../app/node/store/catalog-store.ts';
import { print } from './option.ts';

/** `gavel backup`: copies the data folder as it is at one moment. */
export function registerBackup(program: Command, readConfig: () => StoreConfig): void {
  program
    .command('backup')
    .description(
      'copy all files of DATA_DIR as they are at one moment, also beside a running server',
    )
    .argument('<folder>', 'where to: a new or an empty folder')
    .action(async (folder: string) => {
      const { files, time } = await backUp(readConfig().dataDir, folder);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      print(`Backed up ${files.length} files, ${bytes} bytes, as of ${time} to ${folder}.`);
    });
}
