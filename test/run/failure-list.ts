/** The failures in the output of `bun test`, each with its file, to be read at the end of a run. */
const FILE = /^(?<path>\S+\.test\.ts):$/;
/** A test that failed, or a file whose worker died. */
const FAILURE = /^(?:\(fail\)|✗) (?<what>.+)$/;

type FailureList = {
  /** Takes the next piece of the output, which may end within a line. */
  add(piece: string): void;
  list(): string[];
};

export function createFailureList(): FailureList {
  const failures: string[] = [];
  let file = '';
  let rest = '';

  function read(line: string): void {
    file = FILE.exec(line)?.groups?.['path'] ?? file;
    const what = FAILURE.exec(line)?.groups?.['what'];
    if (what !== undefined) failures.push(`  ${file}: ${what}`);
  }

  return {
    add(piece) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) read(Bun.stripANSI(line));
    },
    list: () => failures,
  };
}
