/**
 * Bounds the seq that a call may have met, by earlier answers and by the calls made so far.
 *
 * Every answer shows a seq. A later call must not meet an older one; and no call can have met an
 * event whose own call came after this one's answer.
 */
import type { Command } from './command.ts';
import type { Operation, ReadOperation } from './history.ts';
import type { LogIndex } from './log-index.ts';
import { indexAbove, lastUpTo } from './sorted.ts';

/** A seq that an answer showed. */
export type Sighting = {
  readonly operation: Operation;
  readonly invokedMs: number;
  readonly respondedMs: number;
  readonly seq: number;
  readonly accepted: boolean;
  /** Whether it may be older than its call. */
  readonly mayBeOld: boolean;
};

export type Windows = {
  readonly sightings: readonly Sighting[];
  /** The highest seq shown by an answer before that time; with `acceptedOnly`, of a new event. */
  shownBefore(ms: number, acceptedOnly: boolean): Sighting | undefined;
  /** The highest seq that can have been taken up to that time. */
  takenBy(ms: number): number;
  /** The time by which that seq had certainly been taken, because an answer showed it. */
  takenAtLatest(seq: number): number;
};

function sightCommand({ first, decision, invokedMs, respondedMs }: Command): Sighting[] {
  if (decision === null) return [];
  const accepted = decision.kind === 'accepted' && decision.eventId !== null;
  const mayBeOld = decision.kind === 'refused' && decision.cached === true;
  return [{ operation: first, invokedMs, respondedMs, seq: decision.seq, accepted, mayBeOld }];
}

function sightRead(operation: ReadOperation): Sighting[] {
  const { answer, invokedMs, respondedMs } = operation;
  if (answer === null || respondedMs === null) return [];
  const seen = { seq: answer.seq, accepted: false, mayBeOld: false };
  return [{ operation, invokedMs, respondedMs, ...seen }];
}

/** By time of answer, at most one per time: the answers that show a higher seq than all before. */
function risingPeaks(sightings: readonly Sighting[]): Sighting[] {
  const peaks: Sighting[] = [];
  for (const sighting of sightings.toSorted((a, b) => a.respondedMs - b.respondedMs)) {
    const highest = peaks.at(-1);
    if (highest !== undefined && sighting.seq <= highest.seq) continue;
    if (highest?.respondedMs === sighting.respondedMs) peaks.pop();
    peaks.push(sighting);
  }
  return peaks;
}

type Start = { readonly seq: number; readonly invokedMs: number };

/** By seq, the time before which it cannot have been taken. */
function earliestStarts(commands: readonly Command[], log: LogIndex): Start[] {
  const invokedOf = new Map<string, number>();
  for (const { decision, invokedMs } of commands) {
    if (decision?.kind === 'accepted' && decision.eventId !== null) {
      invokedOf.set(decision.eventId, invokedMs);
    }
  }
  let latest = Number.NEGATIVE_INFINITY;
  return log.steps.map(({ event }) => {
    latest = Math.max(latest, invokedOf.get(event.eventId) ?? latest);
    return { seq: event.seq, invokedMs: latest };
  });
}

/** By seq, the earliest answer that shows it or a later one. */
function latestEnds(sightings: readonly Sighting[]): Sighting[] {
  const ends: Sighting[] = [];
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const sighting of sightings.toSorted((a, b) => b.seq - a.seq)) {
    earliestMs = Math.min(earliestMs, sighting.respondedMs);
    ends.push({ ...sighting, respondedMs: earliestMs });
  }
  return ends.reverse();
}

const respondedMsOf = ({ respondedMs }: Sighting): number => respondedMs;
const invokedMsOf = ({ invokedMs }: Start): number => invokedMs;
const seqOf = ({ seq }: Sighting): number => seq;

export function createWindows(
  commands: readonly Command[],
  reads: readonly ReadOperation[],
  log: LogIndex,
): Windows {
  const sightings = [...commands.flatMap(sightCommand), ...reads.flatMap(sightRead)];
  const peaks = risingPeaks(sightings);
  const acceptedPeaks = risingPeaks(sightings.filter(({ accepted }) => accepted));
  const starts = earliestStarts(commands, log);
  const ends = latestEnds(sightings);

  function shownBefore(ms: number, acceptedOnly: boolean): Sighting | undefined {
    const chosen = acceptedOnly ? acceptedPeaks : peaks;
    const index = indexAbove(chosen, ms, respondedMsOf) - 1;
    // Two calls that touch at one moment overlap; only an answer strictly before binds.
    return chosen[index]?.respondedMs === ms ? chosen[index - 1] : chosen[index];
  }

  return {
    sightings,
    shownBefore,
    takenBy: (ms) => lastUpTo(starts, ms, invokedMsOf)?.seq ?? 0,
    takenAtLatest: (seq) =>
      ends[indexAbove(ends, seq - 1, seqOf)]?.respondedMs ?? Number.POSITIVE_INFINITY,
  };
}
