/** How long functions may be: half of them, nine of ten, and each. */
import type { FunctionLength } from './syntax.ts';

export const LINES = { p50: 10, p90: 25, max: 70 };

/** The length that a share of the functions does not exceed. */
function quantile(functions: readonly FunctionLength[], share: number): number {
  const lengths = functions.map(({ lines }) => lines).toSorted((left, right) => left - right);
  return lengths[Math.ceil(lengths.length * share) - 1] ?? 0;
}

export type Lengths = { readonly p50: number; readonly p90: number; readonly max: number };

export function lengthsOf(functions: readonly FunctionLength[]): Lengths {
  return {
    p50: quantile(functions, 0.5),
    p90: quantile(functions, 0.9),
    max: quantile(functions, 1),
  };
}

export function lengthFaults(functions: readonly FunctionLength[]): string[] {
  const { p50, p90 } = lengthsOf(functions);
  const faults = functions
    .filter(({ lines }) => lines > LINES.max)
    .map(({ at, lines }) => `${at} has ${lines} lines, at most ${LINES.max} are allowed`);
  if (p50 > LINES.p50) faults.push(`half of the functions have more than ${p50 - 1} lines`);
  if (p90 > LINES.p90) faults.push(`one function of ten has more than ${p90 - 1} lines`);
  return faults;
}
