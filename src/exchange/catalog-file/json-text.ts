/**
 * What `JSON.parse` does not say of a text: where it stops being JSON, and which names stand twice in
 * one object, of which it would keep the last.
 */
import { pathStep } from './entry.ts';

export type JsonScan = {
  /** A sentence with line and column; null when the whole text is JSON. */
  readonly misplaced: string | null;
  /** Those that came up to the end or to what is misplaced. */
  readonly twice: readonly TwiceNamed[];
};
/** A name that its object holds already, and the line where it stands again. */
export type TwiceNamed = { readonly path: string; readonly line: number };

type Expected =
  | 'a value'
  | 'a value or "]"'
  | 'a name in quotes'
  | 'a name in quotes or "}"'
  | '":"'
  | '"," or "]"'
  | '"," or "}"'
  | 'the end';
/** Null names are those of an array. */
type Container = { readonly names: Set<string> | null; step: string };
type Scan = {
  readonly text: string;
  readonly open: Container[];
  readonly twice: TwiceNamed[];
  at: number;
  /** The line of a place behind which all lines are counted. */
  counted: { readonly at: number; readonly line: number };
};

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a text
const TEXT = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Linear in the text, with a stack of its own: no nesting is too deep. */
export function scanJson(text: string): JsonScan {
  const scan: Scan = { text, open: [], twice: [], at: 0, counted: { at: 0, line: 1 } };
  let expected: Expected = 'a value';
  for (;;) {
    take(scan, SPACE);
    if (expected === 'the end' && scan.at === text.length) {
      return { misplaced: null, twice: scan.twice };
    }
    const next = step(scan, expected);
    if (next === null) return { misplaced: misplaced(scan, expected), twice: scan.twice };
    expected = next;
  }
}

/** @returns what is expected then, null when something else stands there. */
function step(scan: Scan, expected: Expected): Expected | null {
  switch (expected) {
    case 'a value':
      return takeValue(scan);
    case 'a value or "]"':
      return close(scan, ']') ?? takeValue(scan);
    case 'a name in quotes':
      return takeName(scan);
    case 'a name in quotes or "}"':
      return close(scan, '}') ?? takeName(scan);
    case '":"':
      return takeSign(scan, ':') ? 'a value' : null;
    case '"," or "]"':
      return close(scan, ']') ?? (takeSign(scan, ',') ? nextElement(scan) : null);
    case '"," or "}"':
      return close(scan, '}') ?? (takeSign(scan, ',') ? 'a name in quotes' : null);
    case 'the end':
      return null;
  }
}

function takeValue(scan: Scan): Expected | null {
  if (takeSign(scan, '{')) {
    scan.open.push({ names: new Set(), step: '' });
    return 'a name in quotes or "}"';
  }
  if (takeSign(scan, '[')) {
    scan.open.push({ names: null, step: '[0]' });
    return 'a value or "]"';
  }
  return (take(scan, TEXT) ?? take(scan, SCALAR)) === null ? null : afterValue(scan);
}

function takeName(scan: Scan): Expected | null {
  const startedAt = scan.at;
  const written = take(scan, TEXT);
  const container = scan.open.at(-1);
  if (written === null || container === undefined) return null;
  const name: string = JSON.parse(written);
  container.step = pathStep(name);
  if (container.names?.has(name)) {
    scan.twice.push({ path: pathOf(scan), line: lineOf(scan, startedAt) });
  }
  container.names?.add(name);
  return '":"';
}

function nextElement({ open }: Scan): Expected {
  const array = open.at(-1);
  if (array !== undefined) array.step = `[${Number(array.step.slice(1, -1)) + 1}]`;
  return 'a value';
}

function close(scan: Scan, sign: ']' | '}'): Expected | null {
  if (!takeSign(scan, sign)) return null;
  scan.open.pop();
  return afterValue(scan);
}

function afterValue({ open }: Scan): Expected {
  const container = open.at(-1);
  if (container === undefined) return 'the end';
  return container.names === null ? '"," or "]"' : '"," or "}"';
}

function takeSign(scan: Scan, sign: string): boolean {
  if (scan.text[scan.at] !== sign) return false;
  scan.at += 1;
  return true;
}

function take(scan: Scan, pattern: RegExp): string | null {
  pattern.lastIndex = scan.at;
  const found = pattern.exec(scan.text)?.[0] ?? null;
  if (found !== null) scan.at += found.length;
  return found;
}

function pathOf({ open }: Scan): string {
  const path = open.map((container) => container.step).join('');
  return path.replace(/^\./, '');
}

function misplaced(scan: Scan, expected: Expected): string {
  const { text, at } = scan;
  const column = at - text.lastIndexOf('\n', at - 1);
  const place = `line ${lineOf(scan, at)}, column ${at === 0 ? 1 : column}`;
  const [sign] = text.slice(at, at + 2);
  if (sign === undefined) return `${place}: expected ${expected}, not the end of the file`;
  const isText = sign === '"' && (expected.startsWith('a value') || expected.startsWith('a name'));
  if (isText) return `${place}: this text has a line break, a bad escape or no end`;
  return `${place}: expected ${expected}, not ${JSON.stringify(sign)}`;
}

/** Places come in their order, so each line is counted once. */
function lineOf(scan: Scan, at: number): number {
  let { line } = scan.counted;
  let next = scan.text.indexOf('\n', scan.counted.at);
  while (next !== -1 && next < at) {
    line += 1;
    next = scan.text.indexOf('\n', next + 1);
  }
  scan.counted = { at, line };
  return line;
}
