/**
 * `gavel migrate`: the history of the catalogue's tables, and the way along it.
 *
 * A revision is the name of a migration's file without its ending; `base` stands before the first.
 */
import type { Command } from 'commander';
import { addMigration, openMigrator, type StoreConfig } from '../app/node/store/catalog-store.ts';
import { endForFile, MISUSED, print, wholeNumber } from './option.ts';

type Migrator = Awaited<ReturnType<typeof openMigrator>>;
type Step = Awaited<ReturnType<Migrator['up']>>[number];
/** Runs an action with an open migrator, which is closed after it. */
type WithMigrator = (use: (migrator: Migrator) => Promise<void>) => Promise<void>;

const MOST_STEPS = 1_000_000;

export function registerMigrate(program: Command, readConfig: () => StoreConfig): void {
  const migrate = program
    .command('migrate')
    .description(
      'create, apply, undo and list migrations of the tables, also beside a running server',
    );
  const withMigrator: WithMigrator = async (use) => {
    await using migrator = await openMigrator(readConfig());
    await use(migrator);
  };
  registerCreate(migrate);
  registerSteps(migrate, withMigrator);
  registerTo(migrate, withMigrator);
  registerLists(migrate, withMigrator);
}

function registerCreate(migrate: Command): void {
  migrate
    .command('create')
    .description('write an empty migration with up and down, and print its path')
    .requiredOption('-m, --message <text>', 'what it changes, in a few words')
    .action(async ({ message }: { message: string }, command: Command) => {
      print(await addMigration(message).catch(endForFile(command, 'create the migration')));
    });
}

function registerSteps(migrate: Command, withMigrator: WithMigrator): void {
  const steps = wholeNumber(1, MOST_STEPS);
  migrate
    .command('up')
    .description('apply the next migrations, all of them by default')
    .argument('[count]', 'how many', steps)
    .action((count?: number) =>
      withMigrator(async (migrator) => report(migrator, await migrator.up(count))),
    );
  migrate
    .command('down')
    .description('undo the newest migration, or several')
    .argument('[count]', 'how many', steps, 1)
    .action((count: number) =>
      withMigrator(async (migrator) => report(migrator, await migrator.down(count))),
    );
}

function registerTo(migrate: Command, withMigrator: WithMigrator): void {
  migrate
    .command('to')
    .description('go up or down to a revision; base undoes all')
    .argument('<revision>', 'a name of `history`, the beginning of one, or base')
    .action((wanted: string, _options: unknown, command: Command) =>
      withMigrator(async (migrator) => {
        const found = await migrator.find(wanted);
        if (!found.ok) command.error(`error: ${found.fault}`, MISUSED);
        await report(migrator, await migrator.to(found.revision));
      }),
    );
}

function registerLists(migrate: Command, withMigrator: WithMigrator): void {
  migrate
    .command('current')
    .description('print the revision that the tables are at')
    .action(() => withMigrator(async (migrator) => print(await migrator.current())));
  migrate
    .command('history')
    .description('list every revision, the oldest first, and mark the current one')
    .action(() => withMigrator(printHistory));
}

async function report(migrator: Migrator, steps: readonly Step[]): Promise<void> {
  for (const { direction, name } of steps) print(`${direction.padEnd(4)} ${name}`);
  print(
    `${steps.length === 0 ? 'Nothing to do' : 'Done'}: the tables are at ${await migrator.current()}.`,
  );
}

async function printHistory(migrator: Migrator): Promise<void> {
  const current = await migrator.current();
  const lines = (await migrator.history()).map(({ name, appliedAt }) => ({
    name,
    state: appliedAt === undefined ? 'pending' : `applied ${appliedAt.toISOString()}`,
  }));
  const width = Math.max(...lines.map(({ name }) => name.length));
  for (const { name, state } of [{ name: 'base', state: 'no tables' }, ...lines]) {
    print(`${name.padEnd(width)}  ${state}${name === current ? '  (current)' : ''}`);
  }
}
