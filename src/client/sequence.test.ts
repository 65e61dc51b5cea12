import { expect, test } from 'bun:test';
import type { EventFrame, Frame } from './frame.ts';
import { createSequence } from './sequence.ts';

function event(seq: number, epoch = 'e1'): EventFrame {
  return { type: 'bid', seq, epoch, event_id: `${epoch}-${seq}` };
}

function snapshot(seq: number, recovered?: false): Frame {
  const told = recovered === undefined ? {} : { recovered };
  return { type: 'snapshot', seq, epoch: 'e1', watchers: 1, server_time: '', item: {}, ...told };
}

function several(seqs: readonly number[], recovered: boolean): Frame {
  const events = seqs.map((seq) => event(seq));
  return { type: 'events', seq: seqs.at(-1) ?? 0, epoch: 'e1', events, recovered };
}

/** The output: `s` for a snapshot, `!` for a gap. */
function shown(frames: readonly Frame[]): string {
  const out: string[] = [];
  const sequence = createSequence({
    onEvent: ({ seq }, isGap) => out.push(`${seq}${isGap ? '!' : ''}`),
    onSnapshot: ({ seq }, isGap) => out.push(`s${seq}${isGap ? '!' : ''}`),
  });
  for (const frame of frames) sequence.take(frame);
  return out.join(' ');
}

test('each event is passed on once, by rising seq', () => {
  expect(shown([snapshot(1), event(2), event(2), event(1), event(3)])).toBe('s1 2 3');
});

test('events that were missed and recovered are no gap', () => {
  expect(shown([snapshot(1), several([1, 2, 3], true)])).toBe('s1 2 3');
});

test('events that were not recovered are a gap', () => {
  expect(shown([snapshot(1), several([5], false), snapshot(9, false)])).toBe('s1 5! s9!');
});

test('a jump of seq and another epoch are gaps, whatever the server says', () => {
  expect(shown([snapshot(1), event(3), event(4), event(1, 'e2')])).toBe('s1 3! 4 1!');
});

test('an older snapshot is not shown', () => {
  expect(shown([snapshot(5), snapshot(4), event(6)])).toBe('s5 6');
});
