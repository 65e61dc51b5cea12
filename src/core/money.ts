/**
 * Money is a whole number of micros: one millionth of the currency unit, always a safe integer.
 *
 * A float exists only where JSON is read or written. Reading is exact or refused: a decimal with
 * more than six places is not a whole number of micros and reads as `undefined`. Not promised: a
 * currency. All amounts of one catalogue are in one currency.
 */

declare const micros: unique symbol;

export type Micros = number & { readonly [micros]: true };

export const MICROS_PER_UNIT = 1_000_000;
export const MICROS_PER_CENT = 10_000;

/** @throws RangeError when `value` is not a safe integer: a bug in the program. */
export function toMicros(value: number): Micros {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number of micros: ${value}`);
  return value as Micros;
}

export const ZERO_MICROS = toMicros(0);

/** Decimal units (0.83) to micros (830000), or `undefined` when the result would not be exact. */
export function microsFromDecimal(units: number): Micros | undefined {
  const value = Math.round(units * MICROS_PER_UNIT);
  if (!Number.isSafeInteger(value) || value / MICROS_PER_UNIT !== units) return undefined;
  return value as Micros;
}

/** Micros (830000) to decimal units (0.83): the double nearest to the exact quotient. */
export function decimalFromMicros(value: Micros): number {
  return value / MICROS_PER_UNIT;
}

/** A sum that stays at the largest safe integer instead of losing its last digits. */
export function addMicros(left: Micros, right: Micros): Micros {
  return Math.min(left + right, Number.MAX_SAFE_INTEGER) as Micros;
}

export function maxMicros(left: Micros, right: Micros): Micros {
  return left > right ? left : right;
}

export function minMicros(left: Micros, right: Micros): Micros {
  return left < right ? left : right;
}
