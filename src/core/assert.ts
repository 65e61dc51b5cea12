/** What the program relies on: a loud failure where a wrong value would go on quietly. */

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** @throws AssertionError: that is a fault of the program, never of its input. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(what);
}

/** A value that cannot be absent. @throws AssertionError when it is. */
export function present<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw new AssertionError(`${what} is missing`);
  return value;
}
