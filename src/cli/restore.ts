import type { Command } from 'commander';
import { restore } from '../app/command/restore.ts';
import type { StoreConfig } from '../app/node/store/catalog-store.ts';
import { print } from './option.ts';

type Options = { readonly force?: boolean };

/** `gavel restore`: makes a backup the data folder. */
export function registerRestore(program: Command, readConfig: () => StoreConfig): void {
  program
    .command('restore')
    .description('make a backup the content of DATA_DIR, which no server may be using')
    .argument('<folder>', 'what `gavel backup` has written')
    .option('-f, --force', 'put the files aside that are there, instead of refusing')
    .action(async (folder: string, { force = false }: Options) => {
      const { dataDir } = readConfig();
      const { manifest, aside } = await restore({ folder, dataDir, force });
      print(`Restored ${manifest.files.length} files as of ${manifest.time} to ${dataDir}.`);
      if (aside !== null) print(`The files that were there are in ${aside}.`);
    });
}
