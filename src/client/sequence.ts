/**
 * Tracks which events of an item were seen: passes each on once, by strictly rising seq, and
 * reports gaps.
 */
import type { EventFrame, Frame, SnapshotFrame } from './frame.ts';

export type Sequence = {
  /** The position to resume from; null before the first frame. */
  place(): { readonly since: number; readonly epoch: string } | null;
  take(frame: Frame): void;
};

export type Shown = {
  /** With `latest`, jumps are expected; only lost history is a gap. */
  readonly mode?: 'all' | 'latest';
  /** @param isGap events before it were missed and will not come. */
  onEvent(event: EventFrame, isGap: boolean): void;
  onSnapshot(snapshot: SnapshotFrame, isGap: boolean): void;
};

export function createSequence({ onEvent, onSnapshot, mode }: Shown): Sequence {
  let seen: { since: number; epoch: string } | null = null;

  function takeEvent(event: EventFrame, wasTold: boolean): void {
    const { seq, epoch } = event;
    const last = seen;
    const isSame = last?.epoch === epoch;
    if (isSame && seq <= last.since) return;
    const isJump = last !== null && (!isSame || (mode !== 'latest' && seq > last.since + 1));
    seen = { since: seq, epoch };
    onEvent(event, wasTold || isJump);
  }

  function takeSnapshot(frame: Extract<Frame, { type: 'snapshot' }>): void {
    const { seq, epoch, recovered } = frame;
    if (seen?.epoch === epoch && seq < seen.since) return;
    seen = { since: seq, epoch };
    onSnapshot(frame, recovered === false);
  }

  return {
    place: () => seen,
    take(frame) {
      switch (frame.type) {
        case 'snapshot':
          takeSnapshot(frame);
          break;
        case 'events':
          for (const [index, event] of frame.events.entries()) {
            takeEvent(event, index === 0 && frame.recovered === false);
          }
          break;
        case 'bid':
        case 'retract':
        case 'close':
          takeEvent(frame, false);
          break;
      }
    },
  };
}
