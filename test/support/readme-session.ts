/**
 * The typed sessions of a document: the output in its `console` blocks, and the real output.
 *
 * All commands run in one shell, in the order of the document, against a given server. Ids and
 * times, which differ from run to run, are masked on both sides.
 */
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const BLOCK = /```console\n(?<body>.*?)```/gs;
const END = '-- end of output --';

export type Step = { readonly command: string; readonly output: string };

/** The commands of a document, each with the output that is printed below it. */
export function readSession(markdown: string): Step[] {
  const bodies = Array.from(markdown.matchAll(BLOCK), (match) => match.groups?.['body'] ?? '');
  return bodies.flatMap((body) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [command = '', ...lines] = text.split('\n');
        return { command, output: lines.join('\n').trim() };
      }),
  );
}

export type Stage = {
  readonly url: string;
  readonly dataDir: string;
  /** What else the commands find in their environment. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** A person gives the watch a second to begin; here the bid waits for the first line of it. */
const IN_A_SECOND = /^\(sleep 1; (?<later>.*)\) & (?<watch>bin\/gavel watch .*)$/;

function waiting(command: string): string {
  return command.replace(
    IN_A_SECOND,
    '$<watch> | { read -r first; echo "$first"; $<later>; cat; }',
  );
}

/** Runs the commands for real. @returns the output of each. */
export async function playSession(
  commands: readonly string[],
  { url, dataDir, settings = {} }: Stage,
): Promise<string[]> {
  const script = commands.map((command) => `${waiting(command)}\necho; echo '${END}'`).join('\n');
  const host = new URL(url).host;
  const child = Bun.spawn(['bash', '-c', script.replaceAll('localhost:8080', host)], {
    cwd: ROOT,
    env: { ...process.env, ...settings, DATA_DIR: dataDir },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const outputs = (await child.stdout.text()).split(END);
  return outputs.slice(0, commands.length).map((output) => output.trim());
}

/** The text with ids and times as dots. */
export function masked(text: string): string {
  return text
    .replace(/\b(auc|evt|bid)_[0-9a-v]{22}\b/g, '$1_..')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, 'TIME')
    .replace(/"epoch":"[^"]+"/g, '"epoch":".."');
}
