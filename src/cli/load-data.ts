import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { openCatalog, type StoreConfig } from '../app/node/store/catalog-store.ts';
import type { CatalogFaults } from '../exchange/catalog-file/fault-list.ts';
import {
  CATALOG_FILE_BYTES,
  type CatalogReading,
  readCatalogFile,
} from '../exchange/catalog-file.ts';
import { endForFile, print, REFUSED } from './option.ts';

type CatalogContent = Extract<CatalogReading, { ok: true }>['content'];

/** `gavel load-data`: replaces the catalogue by a data file, whole or not at all. */
export function registerLoadData(program: Command, readConfig: () => StoreConfig): void {
  program
    .command('load-data')
    .description(
      'replace the catalogue by a data file, also beside a running server, which sees it within seconds',
    )
    .option('-i, --input <path>', 'file to read', 'data.json')
    .action(async ({ input }: { input: string }, command: Command) => {
      const config = readConfig();
      const content = await readContent(input, command);
      print(`Loading ${input}: ${describe(content)} ...`);
      await using catalog = await openCatalog(config);
      const version = await catalog.replace(content);
      print(`Loaded as version ${version}.`);
    });
}

async function readContent(path: string, command: Command): Promise<CatalogContent> {
  const end = endForFile(command, `read ${path}`);
  const { size } = await stat(path).catch(end);
  if (size > CATALOG_FILE_BYTES) {
    command.error(`error: ${path} is larger than ${CATALOG_FILE_BYTES} bytes`, REFUSED);
  }
  const reading = readCatalogFile(await readFile(path).catch(end));
  if (reading.ok) return reading.content;
  command.error(refusal(path, reading.faults), REFUSED);
}

function refusal(path: string, { listed, more }: CatalogFaults): string {
  const rest = more > 0 ? [`  and ${more} more`] : [];
  const lines = [...listed.map((fault) => `  ${fault}`), ...rest];
  return [`error: ${path} is refused, the catalogue stays as it was:`, ...lines].join('\n');
}

function describe({ supplies, bidders }: CatalogContent): string {
  const pairs = supplies.reduce((sum, { bidderIds }) => sum + bidderIds.length, 0);
  return `${supplies.length} supplies, ${bidders.length} bidders, ${pairs} pairs`;
}
