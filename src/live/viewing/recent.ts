/**
 * The newest events of one item in one epoch, written and without a gap, up to a bound.
 *
 * `base` is the seq that everything before it is forgotten of; `head` is the newest seq.
 */
export type Recent = {
  base(): number;
  head(): number;
  /** The newest event, undefined when none came since the start. */
  newest(): string | undefined;
  /** @param text the event with seq `head + 1`. */
  push(text: string): void;
  /** Events after `seq`, up to and with `toSeq`; undefined when some of them are forgotten. */
  after(seq: number, toSeq: number): readonly string[] | undefined;
  restart(seq: number): void;
};

export function createRecent(limit: number): Recent {
  let texts: string[] = [];
  let base = 0;

  function forget(count: number): void {
    texts = texts.slice(count);
    base += count;
  }

  return {
    base: () => base,
    head: () => base + texts.length,
    newest: () => texts.at(-1),
    push(text) {
      texts.push(text);
      // By halves, so that the cost of moving the rest is spread over many events.
      if (texts.length >= 2 * limit) forget(limit);
    },
    after: (seq, toSeq) =>
      seq < base ? undefined : texts.slice(seq - base, Math.max(toSeq, seq) - base),
    restart(seq) {
      texts = [];
      base = seq;
    },
  };
}
