/** Assertions: they fail loudly where a wrong value would otherwise go unnoticed. */

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** @throws AssertionError: a bug in the program, never a fault of its input. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(what);
}

/** @returns the value, which cannot be absent. @throws AssertionError when it is. */
export function present<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw new AssertionError(`${what} is missing`);
  return value;
}
