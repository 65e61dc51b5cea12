import type { Command } from 'commander';
import { describeConfig, readConfig } from '../app/setting/config.ts';
import { print } from './option.ts';

/** `gavel config`: the settings in force, secrets masked; a bad environment is refused. */
export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('print the settings in force, secrets masked')
    .action(() => {
      readConfig();
      const lines = describeConfig();
      const width = Math.max(...lines.map(({ variable, value }) => variable.length + value.length));
      for (const { variable, value, source, purpose } of lines) {
        print(`${`${variable}=${value}`.padEnd(width + 1)}  # ${purpose} (${source})`);
      }
    });
}
