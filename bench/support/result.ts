/** Writes a benchmark's result: a table on the terminal and as Markdown in `bench/results`. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './process.ts';

export type Row = Readonly<Record<string, string | number>>;

export type Result = {
  /** The name of the file, without its extension. */
  readonly name: string;
  readonly title: string;
  /** How it was measured, one sentence per line. */
  readonly method: readonly string[];
  readonly tables: readonly { readonly caption: string; readonly rows: readonly Row[] }[];
};

export async function keep(result: Result): Promise<void> {
  const { name, title, method, tables } = result;
  const machine = `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, Bun ${Bun.version}`;
  const parts = [
    `# ${title}`,
    `${machine}.`,
    method.map((line) => `- ${line}`).join('\n'),
    ...tables.map(({ caption, rows }) => `## ${caption}\n\n${markdown(rows)}`),
  ];
  for (const { caption, rows } of tables) {
    console.log(`\n${caption}`);
    console.table(rows);
  }
  const path = join(ROOT, 'bench', 'results', `${name}.md`);
  await Bun.write(path, `${parts.join('\n\n')}\n`);
  console.log(`kept in bench/results/${name}.md`);
}

function markdown(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
