/**
 * `make mutants`: whether the tests of a room see a fault of one line in it.
 *
 * bun test/mutants/run.ts [WORD ...]      the rooms with one of the words in their folder
 *
 * Each mutant of the table is applied to a copy of the tree and the room's tests run on it. It is
 * seen when they fail, or take far too long; it survives when they pass. Exits with 1 when a mutant
 * survives or is stale, and when the tests of a room fail without any mutant.
 */
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUSE, isProduction, readSources, type SourceFile } from '../house/tree.ts';
import { chooseTests } from '../run/choice.ts';
import { mutate } from './mutate.ts';
import { MUTANT_ROOMS, type Mutant, type MutantRoom } from './table.ts';

/** A mutant may make a loop endless: the tests of a room take a few seconds without one. */
const LONGEST_MS = 60_000;
const TEST_MS = 10_000;
const COPIED = ['src', 'test', 'deploy', 'bench', 'package.json', 'tsconfig.json', 'bunfig.toml'];

type Task = { readonly room: MutantRoom; readonly mutant: Mutant };
type Verdict = 'seen' | 'survived' | 'stale';

async function copyTree(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'gavel-mutants-'));
  for (const path of COPIED) await cp(join(HOUSE, path), join(copy, path), { recursive: true });
  await symlink(join(HOUSE, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Whether the tests of a room pass in a copy of the tree. */
async function passes(copy: string, { tests }: MutantRoom): Promise<boolean> {
  const paths = chooseTests(files, { words: tests, withServers: false }).map((path) => `./${path}`);
  const flags = ['--timeout', `${TEST_MS}`, '--bail'];
  const child = Bun.spawn([process.execPath, 'test', ...flags, ...paths], {
    cwd: copy,
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  return (await child.exited) === 0;
}

async function judge(copy: string, { room, mutant }: Task): Promise<Verdict> {
  const sources = files.filter(({ path }) => path.startsWith(`${room.folder}/`));
  const faulty = mutate(sources.filter(isProduction), mutant);
  if (faulty === null) return 'stale';
  const whole = sources.find(({ path }) => path === faulty.path);
  await writeFile(join(copy, faulty.path), faulty.text);
  const verdict = (await passes(copy, room)) ? 'survived' : 'seen';
  await writeFile(join(copy, faulty.path), whole?.text ?? '');
  return verdict;
}

/** Runs tasks until none is left. @returns the lines of mutants that were not seen */
async function work(tasks: Task[]): Promise<string[]> {
  const copy = await copyTree();
  const faults: string[] = [];
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    const verdict = await judge(copy, task);
    process.stdout.write(verdict === 'seen' ? '.' : '!');
    const { from, to } = task.mutant;
    if (verdict !== 'seen') faults.push(`${verdict}: ${task.room.folder}: ${from}  ->  ${to}`);
  }
  await rm(copy, { recursive: true });
  return faults;
}

/** Without a mutant every test must pass: otherwise every mutant would appear to be seen. */
async function failingRooms(rooms: readonly MutantRoom[]): Promise<string[]> {
  const failing: string[] = [];
  for (const room of rooms) if (!(await passes(HOUSE, room))) failing.push(room.folder);
  return failing.map((folder) => `${folder}: its tests fail without a mutant`);
}

const words = process.argv.slice(2);
const files: readonly SourceFile[] = await readSources('src', 'test', 'deploy');
const rooms = MUTANT_ROOMS.filter(
  ({ folder }) => words.length === 0 || words.some((word) => folder.includes(word)),
);
const tasks = rooms.flatMap((room) => room.mutants.map((mutant) => ({ room, mutant })));
const count = tasks.length;
const failing = await failingRooms(rooms);
const workers = failing.length > 0 ? 0 : availableParallelism();
const found = await Promise.all(Array.from({ length: workers }, () => work(tasks)));
const faults = [...failing, ...found.flat()];
process.stdout.write(`\n${[...faults, `${count} mutants, ${faults.length} faults`].join('\n')}\n`);
process.exit(faults.length === 0 && count > 0 ? 0 : 1);
