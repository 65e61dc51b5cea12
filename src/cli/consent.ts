/** Asking before data goes: on a terminal a question, elsewhere a refusal that names `--yes`. */
import { createInterface } from 'node:readline/promises';
import type { openMigrator } from '../app/node/store/catalog-store.ts';

type Migrator = Awaited<ReturnType<typeof openMigrator>>;
type Planned = Awaited<ReturnType<Migrator['plan']>>[number];

/** @returns null when it may go on, or the sentence that refuses it. */
export async function consent(planned: readonly Planned[]): Promise<string | null> {
  const undone = planned.filter(({ direction }) => direction === 'down');
  if (undone.length === 0) return null;
  const warning = `this undoes ${undone.map(describe).join(' and ')}`;
  if (!process.stdin.isTTY) return `${warning}: say --yes if that may go`;
  const answer = await ask(`${warning.replace('this', 'This')}. Go on? [y/N] `);
  return /^y(es)?$/i.test(answer.trim()) ? null : 'nothing was done';
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  terminal.once('close', () => resolve(''));
  try {
    return await Promise.race([terminal.question(question), ended]);
  } finally {
    terminal.close();
  }
}

function describe({ name, losses }: Planned): string {
  const lost = losses.map(({ table, rows }) => `${rows.toLocaleString('en')} of ${table}`);
  if (lost.length === 0) return `${name}, with what its tables hold`;
  return `${name} and loses its rows (${lost.join(', ')})`;
}
