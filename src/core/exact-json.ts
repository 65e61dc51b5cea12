/**
 * Reads JSON without believing a number that the text does not hold: 999999.99999999999 is not 1000000.
 *
 * A double has room for 15 digits and no more for certain. A number that it cannot hold as written comes
 * out as NaN, which no schema and no reader of money takes, so that the fault is told at its field, and
 * fields that nobody reads do no harm. Other spellings of a number are that number: 1e2, 1.50, -0.
 */

/** Every number that may be more than a double holds, and some that are none. */
const SUSPECT = /\d[\d.]{15}|\d[eE][+-]?\d/;
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** What a reviver is told besides; TypeScript does not know of it yet. */
type Source = { readonly source?: string };

/** @throws SyntaxError when it is not JSON */
export function parseExactJson(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  const revive = (_key: string, value: unknown, { source }: Source): unknown =>
    typeof value === 'number' && source !== undefined && !isAsWritten(source, value)
      ? Number.NaN
      : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

function isAsWritten(source: string, value: number): boolean {
  return digitsOf(source) === digitsOf(String(value));
}

/** The significant digits and the place of the last of them, without the sign: "15e-1" for 1.50. */
function digitsOf(text: string): string | null {
  const [, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (whole === '') return null;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const place = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${significant}e${place}`;
}
