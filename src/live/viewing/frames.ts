/** The frames of one item, made of its newest events: each is written once, when first asked for. */
import type { Clock } from '../../core/clock.ts';
import { once } from '../../core/once.ts';
import { currencyOf } from '../rule/currency.ts';
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { nextAfter } from '../rule/life.ts';
import { eventView, itemView } from '../rule/view.ts';
import type { Recent } from './recent.ts';
import type { Wire } from './viewer.ts';

/** What brings viewers from `fromSeq` to `toSeq`. */
export type Broadcast = {
  readonly fromSeq: number;
  readonly toSeq: number;
  all(): string;
  /** The newest event alone. */
  latest(): string;
  /** For those that were skipped: the newest event, saying that others are missing. */
  leap(): string;
  /** For those that have seen up to `seq`. */
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
  /**
   * An event as it is kept for every viewer of its item: masked as the item says, with what is next.
   * @param item any state of the item in the event's epoch
   */
  function written(event: ItemEvent, item: ItemState): string {
    const view = eventView(event, { masksBidders: item.policy.maskBidders });
    return wire.event(view, {
      nextMicros: nextAfter(event, item),
      currency: currencyOf(item.policy).code,
    });
  }

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

  return { written, broadcast, following, jump, snapshot };
}
