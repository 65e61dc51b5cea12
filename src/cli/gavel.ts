/** `gavel`: the one command line of the platform. */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { readConfig } from '../app/setting/config.ts';
import { registerBackup } from './backup.ts';
import { registerConfig } from './config.ts';
import { registerGenerateInputJson } from './generate-input-json.ts';
import { registerLoadData } from './load-data.ts';
import { registerMigrate } from './migrate.ts';
import { MISUSED, REFUSED } from './option.ts';
import { endWhenOutputIsLost } from './output.ts';
import { registerReplay } from './replay.ts';
import { registerRestore } from './restore.ts';
import { registerServe } from './serve.ts';
import { registerWatch } from './watch.ts';

const EXAMPLES = `
Examples:
  gavel serve                                       serve on port 8080
  SERVER_ADDR=127.0.0.1:9000 gavel serve            ... on another address
  gavel serve --role broadcast                      one part of what many nodes share
  gavel config                                      what is in force, and what each setting does
  gavel replay auc_...                              decide a kept auction again
  gavel watch watch_1                               what a viewer of a live item sees
  gavel generate-input-json                         write data.json with 10 supplies, 12 bidders
  gavel generate-input-json -o my.json -s 5 -b 15   another file, other counts
  gavel load-data                                   replace the catalogue by data.json
  gavel load-data --input my.json                   ... by another file
  gavel migrate up                                  bring the tables to the newest revision
  gavel migrate down                                undo the newest migration, after a question
  gavel backup /mnt/backup/monday                   copy all files, also while a server runs
  gavel restore /mnt/backup/monday                  bring them back, with no server running
  gavel migrate history                             every revision, the current one marked

Settings are environment variables; everything is kept in the folder DATA_DIR, ./data by default.`;

function createProgram(): Command {
  const program = new Command('gavel')
    .description('A real-time bidding platform: an ad exchange and live item auctions.')
    .version(packageJson.version, '-V, --version', 'print the version of Gavel')
    .addHelpText('after', EXAMPLES)
    // Before the commands, which inherit both.
    .configureOutput({ outputError: (text, write) => write(withHint(text)) })
    .exitOverride();
  const readSettings = () => readConfig();
  registerServe(program);
  registerConfig(program);
  registerGenerateInputJson(program);
  registerLoadData(program, readSettings);
  registerMigrate(program, readSettings);
  registerReplay(program, readSettings);
  registerBackup(program, readSettings);
  registerRestore(program, readSettings);
  registerWatch(program);
  return program;
}

/** Commander's own hint stands on a line of its own, and not every mistake has one. */
function withHint(text: string): string {
  if (!text.startsWith('error: unknown ')) return text;
  const sentence = text.trim().replace(/\n/g, ' ');
  return sentence.endsWith(')') ? `${sentence}\n` : `${sentence} (see gavel --help)\n`;
}

/** Commander has printed its own errors; whatever else went wrong is said in one line. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === REFUSED.code) return error.exitCode;
    return MISUSED.exitCode;
  }
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  return REFUSED.exitCode;
}

endWhenOutputIsLost();
try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
