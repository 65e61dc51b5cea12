/**
 * `gavel migrate`: the history of the catalogue's tables, and the way along it.
 *
 * A revision is the name of a migration's file without its ending; `base` stands before the first and
 * `head` is the newest. What would lose data is asked about first, or refused without `--yes`.
 */
import type { Command } from 'commander';
import { addMigration, openMigrator, type StoreConfig } from '../app/node/store/catalog-store.ts';
import { consent } from './consent.ts';
import { endForFile, MISUSED, print, REFUSED } from './option.ts';
import { type Direction, readTarget, type Wanted } from './revision-target.ts';

type Migrator = Awaited<ReturnType<typeof openMigrator>>;
type Target = Parameters<Migrator['walk']>[0];
type Step = Awaited<ReturnType<Migrator['walk']>>[number];
/** Runs an action with an open migrator, which is closed after it. */
type WithMigrator = (use: (migrator: Migrator) => Promise<void>) => Promise<void>;
type WalkOptions = { readonly yes?: boolean };

const REVISION = 'a name of `history`, the beginning of one';

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
  registerWalks(migrate, withMigrator);
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

function registerWalks(migrate: Command, withMigrator: WithMigrator): void {
  const walk = (direction: Direction) => (text: string, options: WalkOptions, command: Command) => {
    const wanted = readTarget(direction, text);
    return withMigrator((migrator) => go(migrator, { wanted, direction, options, command }));
  };
  migrate
    .command('up')
    .description('apply the next migrations, all of them by default')
    .argument('[target]', `how many, such as 1 or +1, or head, or ${REVISION}`, 'head')
    .action(walk('up'));
  migrate
    .command('down')
    .description('undo the newest migration, or several; the rows of their tables are lost')
    .argument('[target]', `how many, such as 1 or -1, or base, or ${REVISION}`, '1')
    .option('-y, --yes', 'lose the rows without being asked')
    .action(walk('down'));
  migrate
    .command('to')
    .description('go up or down to a revision; base undoes all')
    .argument('<revision>', `${REVISION}, base, head, or steps such as +1 or -1`)
    .option('-y, --yes', 'lose the rows without being asked')
    .action(walk('to'));
}

type Walk = {
  readonly wanted: Wanted;
  readonly direction: Direction;
  readonly options: WalkOptions;
  readonly command: Command;
};

async function go(migrator: Migrator, { wanted, direction, options, command }: Walk) {
  const target = await targetOf(migrator, wanted, command);
  const planned = await migrator.plan(target);
  const other = planned.find((step) => direction !== 'to' && step.direction !== direction);
  if (other !== undefined) {
    command.error(`error: that is the other way: use \`migrate ${other.direction}\``, MISUSED);
  }
  const refusal = options.yes === true ? null : await consent(planned);
  if (refusal !== null) command.error(`error: ${refusal}`, REFUSED);
  await report(migrator, await migrator.walk(target, planned));
}

async function targetOf(migrator: Migrator, wanted: Wanted, command: Command): Promise<Target> {
  if ('fault' in wanted) command.error(`error: ${wanted.fault}`, MISUSED);
  if (!('revision' in wanted)) return wanted;
  const found = await migrator.find(wanted.revision);
  if (!found.ok) command.error(`error: ${found.fault}`, MISUSED);
  return { to: found.revision };
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
  const lines = (await migrator.history()).map(({ name, appliedAt, isKnown }) => ({
    name,
    state: `${appliedAt === undefined ? 'pending' : `applied ${appliedAt.toISOString()}`}${isKnown ? '' : ', its file is missing'}`,
  }));
  const width = Math.max(...lines.map(({ name }) => name.length));
  for (const { name, state } of [{ name: 'base', state: 'no tables' }, ...lines]) {
    print(`${name.padEnd(width)}  ${state}${name === current ? '  (current)' : ''}`);
  }
}
