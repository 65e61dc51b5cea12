import type { Command } from 'commander';
import {
  describeConfig,
  misspeltNote,
  readConfig,
  type SettingLine,
} from '../app/setting/config.ts';
import { print } from './option.ts';

/** `gavel config`: the settings in force, secrets masked; a bad environment is refused. */
export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('print the settings in force, secrets masked')
    .option('--json', 'as a JSON array, with the default of each and what is allowed')
    .action(({ json = false }: { readonly json?: boolean }) => {
      readConfig();
      const note = misspeltNote();
      if (note !== null) process.stderr.write(`note: ${note}\n`);
      const lines = describeConfig();
      print(json ? JSON.stringify(lines, null, 2) : listing(lines));
    });
}

/** A line each, under the title of its section. */
function listing(lines: readonly SettingLine[]): string {
  const width = Math.max(...lines.map(({ variable, value }) => variable.length + value.length));
  const sections = Object.groupBy(lines, ({ section }) => section);
  return Object.entries(sections)
    .map(([title, its = []]) => [`# ${title}`, ...its.map((line) => row(line, width))].join('\n'))
    .join('\n\n');
}

function row({ variable, value, purpose, source }: SettingLine, width: number): string {
  return `${`${variable}=${value}`.padEnd(width + 1)}  # ${purpose} (${source})`;
}
