/** Which test files a run takes: all, those of a part, or those that start no server. */
import { importsOf } from '../house/syntax.ts';
import type { SourceFile } from '../house/tree.ts';

/** Modules that start servers: those that nodes share, and Gavel itself as a process. */
const STARTERS = /^(?:test\/support\/servers?\.ts|deploy\/local\/.*)$/;

export function testFiles(files: readonly SourceFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
}

/** Paths of the files that import a starter, themselves or through another file. */
export function filesWithServers(files: readonly SourceFile[]): Set<string> {
  const imports = files.map((file) => ({ path: file.path, targets: importsOf(file) }));
  const found = new Set(files.map(({ path }) => path).filter((path) => STARTERS.test(path)));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { path, targets } of imports) {
      if (targets.some((target) => found.has(target))) found.add(path);
    }
  }
  return found;
}

export type Choice = {
  /** A file is taken when its path contains one of them; all are when there is none. */
  readonly words: readonly string[];
  readonly withServers: boolean;
};

export function chooseTests(files: readonly SourceFile[], { words, withServers }: Choice) {
  const left = withServers ? new Set<string>() : filesWithServers(files);
  return testFiles(files)
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .filter((path) => !left.has(path));
}
