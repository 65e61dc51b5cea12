/** Faults in the copies: the archive's rows and the viewers' frames. */
import { toMicros } from '../../src/core/money.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { History, ViewerFrame } from './history.ts';
import type { Plant } from './planted.ts';
import { bidEvents, pick, withFrames } from './planted.ts';
import type { ViolationKind } from './violation.ts';

/** Replaces one row by others. */
function changeRow(change: (row: ItemEvent) => readonly ItemEvent[]): Plant {
  return (history, random) => {
    const victim = pick(history.archive ?? [], random);
    const archive = history.archive?.flatMap((row) => (row === victim ? change(row) : [row]));
    return { ...history, archive: archive ?? null };
  };
}

const alteredRow: Plant = (history, random) => {
  const { eventId } = pick(bidEvents(history), random);
  const archive = history.archive?.map((row) => {
    const isVictim = row.eventId === eventId && row.type === 'bid';
    return isVictim ? { ...row, amountMicros: toMicros(row.amountMicros + 1) } : row;
  });
  return { ...history, archive: archive ?? null };
};

/** Adds a viewer that gets one frame per event, except at one place in the middle. */
function changeFrames(change: (frame: ViewerFrame) => readonly ViewerFrame[]): Plant {
  return (history, random) => {
    const frames = history.log.map((event): ViewerFrame => ({ kind: 'events', events: [event] }));
    const victim = pick(frames.slice(1, -1), random);
    return withFrames(
      history,
      frames.flatMap((frame) => (frame === victim ? change(frame) : [frame])),
    );
  };
}

const renamed = (frame: ViewerFrame): ViewerFrame[] => {
  if (frame.kind !== 'events') return [frame];
  return [
    { ...frame, events: frame.events.map((event) => ({ ...event, eventId: 'event-other' })) },
  ];
};

function framesOf(frames: (history: History) => readonly ViewerFrame[]): Plant {
  return (history) => withFrames(history, frames(history));
}

export const COPY_FAULTS: readonly (readonly [string, ViolationKind, Plant])[] = [
  ['an archive row is missing', 'archive-missing', changeRow(() => [])],
  ['an archive row stands twice', 'archive-twice', changeRow((row) => [row, row])],
  ['an archive row is altered', 'archive-altered', alteredRow],
  [
    'an archive row is of no event',
    'archive-foreign',
    changeRow((row) => [row, { ...row, eventId: 'event-other' }]),
  ],
  ['a viewer misses an event untold', 'viewer-gap', changeFrames(() => [])],
  [
    'a viewer misses an event and is told that it recovered',
    'viewer-gap',
    changeFrames(() => [{ kind: 'resumed', recovered: true }]),
  ],
  [
    'a viewer joins in the middle without a snapshot',
    'viewer-gap',
    framesOf(({ log }) => [{ kind: 'events', events: log.slice(2) }]),
  ],
  ['a viewer sees an event twice', 'viewer-regress', changeFrames((frame) => [frame, frame])],
  [
    'a viewer is set back by a snapshot',
    'viewer-regress',
    changeFrames((frame) => [frame, { kind: 'snapshot', seq: 0 }]),
  ],
  ['a viewer sees an event that is not in the log', 'viewer-phantom', changeFrames(renamed)],
  [
    'a viewer gets a state that the log never reached',
    'viewer-phantom',
    framesOf(({ log }) => [{ kind: 'snapshot', seq: log.length + 1 }]),
  ],
];
