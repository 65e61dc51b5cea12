import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { createRandom } from '../core/random.ts';
import {
  createSampleCatalog,
  SAMPLE_BIDDERS,
  SAMPLE_MOST,
  SAMPLE_SUPPLIES,
} from '../exchange/sample-catalog.ts';
import { endForFile, print, wholeNumber } from './option.ts';

type Options = { output: string; supplies: number; bidders: number; seed?: number };

const MOST_SEED = 0xffff_ffff;

/** `gavel generate-input-json`: a sample data file. */
export function registerGenerateInputJson(program: Command): void {
  const count = wholeNumber(1, SAMPLE_MOST);
  program
    .command('generate-input-json')
    .description('write a sample data file of supplies and bidders')
    .option('-o, --output <path>', 'file to write', 'data.json')
    .option('-s, --supplies <count>', `supplies, at most ${SAMPLE_MOST}`, count, SAMPLE_SUPPLIES)
    .option('-b, --bidders <count>', `bidders, at most ${SAMPLE_MOST}`, count, SAMPLE_BIDDERS)
    .option('--seed <number>', 'the same seed writes the same file', wholeNumber(0, MOST_SEED))
    .action(generate);
}

async function generate(options: Options, command: Command): Promise<void> {
  const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? MOST_SEED;
  const file = createSampleCatalog(options, createRandom(seed));
  await writeFile(options.output, `${JSON.stringify(file, null, 2)}\n`).catch(
    endForFile(command, `write ${options.output}`),
  );
  print(
    `Wrote ${options.output}: ${options.supplies} supplies, ${options.bidders} bidders (seed ${seed}).`,
  );
}
