/** Where a walk along the migrations shall end, as it is written: `1`, `+1`, `-1`, `head`, a revision. */

export type Direction = 'up' | 'down' | 'to';

export type Wanted =
  | { readonly up: number }
  | { readonly down: number }
  /** By its name or the beginning of one. */
  | { readonly revision: string }
  | { readonly fault: string };

/** A longer number is the beginning of a revision, which is a date. */
const MOST_STEPS = 999_999;
const COUNT = /^(?<sign>[+-]?)(?<digits>\d+)$/;
const SIGNS = { up: ['', '+'], down: ['', '-'], to: ['+', '-'] } as const;

export function readTarget(direction: Direction, text: string): Wanted {
  const { sign, digits } = COUNT.exec(text)?.groups ?? {};
  if (sign === undefined || digits === undefined) return { revision: text };
  const count = Number(digits);
  if (sign === '' && (direction === 'to' || count > MOST_STEPS)) return { revision: text };
  if (count < 1 || !SIGNS[direction].some((one) => one === sign)) {
    return { fault: `"${text}": ${allowed(direction)}` };
  }
  return sign === '-' || direction === 'down' ? { down: count } : { up: count };
}

function allowed(direction: Direction): string {
  if (direction === 'to') return 'steps are +1 or more, or -1 or more';
  const sign = direction === 'up' ? '+' : '-';
  return `the steps must be a whole number from 1, such as 1 or ${sign}1`;
}
