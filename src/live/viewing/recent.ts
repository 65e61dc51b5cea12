/**
 * The newest events of one item in one epoch, serialized and without a gap, up to a bound.
 *
 * Events up to `base` are forgotten; `head` is the newest seq.
 */
export type Recent<Event> = {
  base(): number;
  head(): number;
  /** The newest event, undefined when there was none since the start. */
  newest(): Event | undefined;
  /** @param event the one with seq `head + 1`. */
  push(event: Event): void;
  /** Events after `seq`, up to and including `toSeq`; undefined when some of them are forgotten. */
  after(seq: number, toSeq: number): readonly Event[] | undefined;
  restart(seq: number): void;
};

export function createRecent<Event>(limit: number): Recent<Event> {
  let kept: Event[] = [];
  let base = 0;

  function forget(count: number): void {
    kept = kept.slice(count);
    base += count;
  }

  return {
    base: () => base,
    head: () => base + kept.length,
    newest: () => kept.at(-1),
    push(event) {
      kept.push(event);
      // Drops half at a time, so that the cost of moving the rest is spread over many events.
      if (kept.length >= 2 * limit) forget(limit);
    },
    after: (seq, toSeq) =>
      seq < base ? undefined : kept.slice(seq - base, Math.max(toSeq, seq) - base),
    restart(seq) {
      kept = [];
      base = seq;
    },
  };
}
