import type { Command } from 'commander';
import type { Config } from '../app/config.ts';
import { serve } from '../app/serve.ts';

/** `gavel serve`: runs a node until SIGINT or SIGTERM. */
export function registerServe(program: Command, readConfig: () => Config): void {
  program
    .command('serve')
    .description('serve both faces over HTTP until it is told to stop')
    .action(() => serve(readConfig()));
}
