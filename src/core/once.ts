/** Opens at the first call and gives the same value from then on; a call that throws opens nothing. */
export function once<Value>(open: () => Value): () => Value {
  let opened: { readonly value: Value } | undefined;
  return () => {
    opened ??= { value: open() };
    return opened.value;
  };
}
