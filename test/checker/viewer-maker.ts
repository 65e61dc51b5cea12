/** Makes the frames that correct viewers receive: coalesced, with reconnects and declared skips. */
import type { Random } from '../../src/core/random.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { Viewer, ViewerFrame } from './history.ts';

const FRAME_EVENTS = 5;

function framesAfter(start: number, log: readonly ItemEvent[], random: Random): ViewerFrame[] {
  const frames: ViewerFrame[] = [];
  let seq = start;
  while (seq < log.length) {
    const chance = random.next();
    if (chance < 0.1) frames.push({ kind: 'resumed', recovered: true });
    else if (chance < 0.15) {
      seq = Math.min(log.length, seq + random.integer(0, 2 * FRAME_EVENTS));
      frames.push({ kind: 'resumed', recovered: false }, { kind: 'snapshot', seq });
    }
    const events = log.slice(seq, seq + random.integer(1, FRAME_EVENTS));
    if (events.length > 0) frames.push({ kind: 'events', events });
    seq += events.length;
  }
  return frames;
}

function newestOf(frame: ViewerFrame): ViewerFrame {
  return frame.kind === 'events' ? { ...frame, events: frame.events.slice(-1) } : frame;
}

export function createViewers(log: readonly ItemEvent[], random: Random): Viewer[] {
  const joinSeq = random.integer(0, log.length);
  const joined: ViewerFrame = { kind: 'snapshot', seq: joinSeq };
  const whole = framesAfter(0, log, random);
  return [
    { name: 'first', fromSeq: 0, latestOnly: false, frames: whole },
    {
      name: 'late',
      fromSeq: 0,
      latestOnly: false,
      frames: [joined, ...framesAfter(joinSeq, log, random)],
    },
    { name: 'latest', fromSeq: 0, latestOnly: true, frames: whole.map(newestOf) },
  ];
}
