/** Opens at the first call and returns the same value from then on; after a throw, opens again. */
export function once<Value>(open: () => Value): () => Value {
  let opened: { readonly value: Value } | undefined;
  return () => {
    opened ??= { value: open() };
    return opened.value;
  };
}
