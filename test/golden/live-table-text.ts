/** Reads the text of a live table: lines, words, amounts and durations. */
import { type Micros, microsFromDecimal } from '../../src/core/money.ts';
import { REFUSALS } from '../../src/live/rule/item.ts';

export type TableLine = {
  readonly number: number;
  readonly text: string;
  /** The command's words. */
  readonly words: readonly string[];
  /** The expected phrases, each in its canonical spelling. */
  readonly expected: readonly string[];
};

/** A table that cannot be parsed or carried out: a mistake of its author. */
export class TableFault extends Error {
  override readonly name = 'TableFault';

  at(line: { number: number; text: string }): TableFault {
    return new TableFault(`line ${line.number}: ${line.text}\n  ${this.message}`);
  }
}

export function tableLines(text: string): TableLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = { number: index + 1, text: raw.replace(/#.*$/, '').trim().replace(/\s+/g, ' ') };
    if (line.text === '') return [];
    const [command = '', expectation = ''] = line.text.split('->');
    try {
      return [{ ...line, words: wordsOf(command), expected: phrasesOf(wordsOf(expectation)) }];
    } catch (error) {
      throw error instanceof TableFault ? error.at(line) : error;
    }
  });
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

type ReadWord = (word: string) => string;

const AS_IS: ReadWord = (word) => word;
const AMOUNT: ReadWord = (word) => (word === 'none' ? word : tellAmount(amountOf(word)));
const TIME: ReadWord = (word) => (word === 'open' ? word : tellTime(durationOf(word)));

/** The words after the first word of a phrase, and how each gets its canonical spelling. */
const PHRASES = new Map<string, readonly ReadWord[]>([
  ['seq', [AS_IS]],
  ['bids', [AS_IS]],
  ['leader', [AS_IS]],
  ['price', [AMOUNT]],
  ['next', [AMOUNT]],
  ['close', [TIME]],
  ['sold', [AS_IS, AMOUNT]],
  ...[
    ...['accepted', 'refused', 'unknown-item', 'idempotency-key-reused', ...REFUSALS],
    ...['highest', 'outbid-by-proxy', 'maximum-raised', 'reserve-met', 'reserve-not-met'],
    ...['scheduled', 'active', 'ended', 'opened', 'taken', 'passed', 'nothing'],
  ].map((word): [string, readonly ReadWord[]] => [word, []]),
]);

function phrasesOf(words: readonly string[]): string[] {
  const phrases: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const readers = PHRASES.get(word);
    if (readers === undefined) throw new TableFault(`nothing is called "${word}"`);
    const values = readers.map((read) => read(rest.shift() ?? ''));
    phrases.push([word, ...values].join(' '));
  }
  return phrases;
}

export function amountOf(word: string | undefined): Micros {
  const amount = word === undefined || word === '' ? undefined : microsFromDecimal(Number(word));
  if (amount === undefined) throw new TableFault(`"${word ?? ''}" is not an amount`);
  return amount;
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000 };

export function durationOf(word: string | undefined): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(word ?? '') ?? [];
  if (unit !== 'ms' && unit !== 's' && unit !== 'm') {
    throw new TableFault(`"${word ?? ''}" is not a duration such as 10s`);
  }
  return Number(count) * UNIT_MS[unit];
}

export function tellAmount(amount: Micros): string {
  return String(amount / 1_000_000);
}

export function tellTime(ms: number): string {
  return `${ms / 1_000}s`;
}
