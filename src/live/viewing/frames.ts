/**
 * The frames of one item, made from its newest events: each is serialized once, when first needed,
 * and again for a viewer who sees more of it than the public.
 */
import type { Clock } from '../../core/clock.ts';
import { once } from '../../core/once.ts';
import { currencyOf } from '../rule/currency.ts';
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { nextAfter } from '../rule/life.ts';
import {
  type AliasOf,
  concerns,
  eventView,
  itemView,
  type Looker,
  lensOf,
  PUBLIC,
} from '../rule/view.ts';
import type { Recent } from './recent.ts';
import type { Wire } from './viewer.ts';

/**
 * An event as the public sees it and as one viewer does: the same text unless that one sees more.
 */
export type Written = {
  readonly text: string;
  as(looker: Looker): string;
};

/** The frame that brings viewers from `fromSeq` to `toSeq`, as each of them sees it. */
export type Broadcast = {
  readonly fromSeq: number;
  readonly toSeq: number;
  all(looker: Looker): string;
  /** The newest event alone. */
  latest(looker: Looker): string;
  /** For skipped viewers: the newest event, with a note that others are missing. */
  leap(looker: Looker): string;
  /** For viewers that have seen all events up to `seq`. */
  rest(seq: number, looker: Looker): string;
};

export type FrameParts = {
  readonly clock: Clock;
  readonly wire: Wire;
  readonly aliasOf: AliasOf;
  readonly recent: Recent<Written>;
  watchers(): number;
};

export type Frames = ReturnType<typeof createFrames>;

type Place = { readonly seq: number; readonly epoch: string; readonly looker: Looker };

export function createFrames(parts: FrameParts) {
  const { clock, wire, recent } = parts;
  const { written, snapshots } = createWriter(parts);

  function following(events: readonly Written[], { looker, ...at }: Place): string {
    const serverTimeMs = clock.nowMs();
    const texts = events.map((event) => event.as(looker));
    const [only] = texts;
    return only !== undefined && texts.length === 1
      ? wire.single(only, serverTimeMs)
      : wire.several({ ...at, events: texts, serverTimeMs, recovered: null });
  }

  function jump(
    events: readonly Written[],
    { looker, ...at }: Place & { readonly recovered: boolean },
  ): string {
    const texts = events.map((event) => event.as(looker));
    return wire.several({ ...at, events: texts, serverTimeMs: clock.nowMs() });
  }

  /** @param item the state that `recent` started from: the newest when no event came since. */
  function broadcast(item: ItemState, fromSeq: number): Broadcast {
    const at = { seq: recent.head(), epoch: item.epoch };
    const newest = recent.newest();
    const snapshot = snapshots(item, false);
    const latest = newest === undefined ? null : [newest];
    const leap =
      latest === null
        ? snapshot
        : shared(latest, (looker) => jump(latest, { ...at, looker, recovered: false }));
    const rest = (seq: number, looker: Looker): string => {
      const missed = recent.after(seq, at.seq);
      return missed === undefined ? leap(looker) : following(missed, { ...at, looker });
    };
    return {
      fromSeq,
      toSeq: at.seq,
      all: shared(recent.after(fromSeq, at.seq) ?? [], (looker) => rest(fromSeq, looker)),
      latest:
        latest === null ? leap : shared(latest, (looker) => following(latest, { ...at, looker })),
      leap,
      rest,
    };
  }

  return { written, broadcast, following, jump, snapshots };
}

/** Serializes one item and its events as each viewer may see them. */
function createWriter({ clock, wire, aliasOf, watchers }: FrameParts) {
  return {
    /**
     * An event in the form kept for the viewers of its item, with the state after it.
     * @param item any state of the item in the event's epoch
     */
    written(event: ItemEvent, item: ItemState): Written {
      const about = { nextMicros: nextAfter(event, item), currency: currencyOf(item.policy).code };
      const write = (looker: Looker) =>
        wire.event(eventView(event, lensOf(item, looker, aliasOf)), about);
      const text = write(PUBLIC);
      const seesMore = (looker: Looker) => seesId(looker, item, (id) => concerns(event, id));
      return { text, as: (looker) => (seesMore(looker) ? write(looker) : text) };
    },
    snapshots(state: ItemState, recovered: false | null): (looker: Looker) => string {
      const write = (looker: Looker) => {
        const serverTimeMs = clock.nowMs();
        const view = itemView(state, serverTimeMs, lensOf(state, looker, aliasOf));
        return wire.snapshot({ view, watchers: watchers(), serverTimeMs, recovered });
      };
      const ofPublic = once(() => write(PUBLIC));
      const seesMore = (looker: Looker) => seesId(looker, state, (id) => state.leaderId === id);
      return (looker) => (seesMore(looker) ? write(looker) : ofPublic());
    },
  };
}

/** Serializes once for all viewers who see no more of these events than the public. */
function shared(events: readonly Written[], write: (looker: Looker) => string) {
  const ofPublic = once(() => write(PUBLIC));
  return (looker: Looker) =>
    events.every((event) => event.as(looker) === event.text) ? ofPublic() : write(looker);
}

/**
 * Whether a viewer sees an id where the public sees an alias. @param isThere whether an id is shown
 */
function seesId(
  { userId, seesAll }: Looker,
  { policy }: Pick<ItemState, 'policy'>,
  isThere: (userId: string) => boolean,
): boolean {
  return policy.maskBidders && (seesAll || (userId !== null && isThere(userId)));
}
