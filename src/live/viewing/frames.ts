/** The frames of one item, made of its newest events: each is written once, when first asked for. */
import type { Clock } from '../../core/clock.ts';
import type { ItemState } from '../rule/item.ts';
import { itemView } from '../rule/view.ts';
import type { Recent } from './recent.ts';
import type { Wire } from './viewer.ts';

/** What brings viewers from `fromSeq` to `toSeq`. */
export type Broadcast = {
  readonly fromSeq: number;
  readonly toSeq: number;
  all(): string;
  /** The newest event alone. */
  latest(): string;
  /** For who was skipped: the newest event, saying that others are missing. */
  leap(): string;
  /** For who has seen up to `seq`. */
  rest(seq: number): string;
};

export type FrameParts = {
  readonly clock: Clock;
  readonly wire: Wire;
  readonly recent: Recent;
  watchers(): number;
};

export type Frames = ReturnType<typeof createFrames>;

export function createFrames({ clock, wire, recent, watchers }: FrameParts) {
  function following(events: readonly string[], at: { seq: number; epoch: string }): string {
    const serverTimeMs = clock.nowMs();
    const [only] = events;
    return only !== undefined && events.length === 1
      ? wire.single(only, serverTimeMs)
      : wire.several({ ...at, events, serverTimeMs, recovered: null });
  }

  function jump(
    events: readonly string[],
    at: { seq: number; epoch: string; recovered: boolean },
  ): string {
    return wire.several({ ...at, events, serverTimeMs: clock.nowMs() });
  }

  function snapshot(state: ItemState, recovered: false | null): string {
    const serverTimeMs = clock.nowMs();
    const view = itemView(state, serverTimeMs);
    return wire.snapshot({ view, watchers: watchers(), serverTimeMs, recovered });
  }

  /** @param item the state that `recent` began with: it is the newest when nothing came since. */
  function broadcast(item: ItemState, fromSeq: number): Broadcast {
    const at = { seq: recent.head(), epoch: item.epoch };
    const newest = recent.newest();
    const leap = () =>
      newest === undefined ? snapshot(item, false) : jump([newest], { ...at, recovered: false });
    const rest = (seq: number): string => {
      const events = recent.after(seq, at.seq);
      return events === undefined ? leap() : following(events, at);
    };
    return {
      fromSeq,
      toSeq: at.seq,
      all: once(() => rest(fromSeq)),
      latest: once(() => (newest === undefined ? leap() : following([newest], at))),
      leap: once(leap),
      rest,
    };
  }

  return { broadcast, following, jump, snapshot };
}

function once(write: () => string): () => string {
  let text: string | undefined;
  return () => {
    text ??= write();
    return text;
  };
}
