/** The files of the tree that the checks read. */
import { join } from 'node:path';

export const HOUSE = join(import.meta.dir, '../..');

const WRITTEN = ['*', '{src,test,bench,bin,web,docs,deploy,examples,.ci}/**'];
const TEXT = /(?:\.(?:ts|md|json|lua|sh|html|css|sql|ya?ml)|Makefile|bin\/gavel|\.ci\/run)$/;

/** Generated files. */
const MADE = /^(?:package-lock\.json$|data\.json$|bench\/results\/)/;

/** `path` is relative to the root of the tree, with slashes. */
export type SourceFile = { readonly path: string; readonly text: string };

export async function readSource(path: string): Promise<SourceFile> {
  return { path, text: await Bun.file(join(HOUSE, path)).text() };
}

/** Every text of the tree that a person wrote, by path. */
export async function listTexts(): Promise<string[]> {
  const scans = WRITTEN.map((glob) =>
    Array.fromAsync(new Bun.Glob(glob).scan({ cwd: HOUSE, dot: true })),
  );
  const paths = (await Promise.all(scans)).flat();
  return paths.filter((path) => TEXT.test(path) && !MADE.test(path)).sort();
}

/** The TypeScript files below folders of the root, tests included. */
export async function readSources(...folders: readonly string[]): Promise<SourceFile[]> {
  const paths = await listTexts();
  const isWanted = (path: string) =>
    path.endsWith('.ts') && folders.some((folder) => path.startsWith(`${folder}/`));
  return Promise.all(paths.filter(isWanted).map(readSource));
}

/** Whether a file runs in production: neither a test nor a contract that tests share. */
export function isProduction({ path }: SourceFile): boolean {
  return !/\.(?:test|contract)\.ts$/.test(path);
}
