/**
 * The frames of each viewer: seq strictly rises, and jumps only where a frame admits a gap.
 *
 * A snapshot covers everything up to its seq, and may repeat the seq that the viewer already has.
 * After `recovered: false` the next event or snapshot may jump. Everything shown is in the log.
 */
import type { Evidence } from './evidence.ts';
import type { SeenEvent, Viewer, ViewerFrame } from './history.ts';
import type { LogIndex } from './log-index.ts';
import type { Violation, ViolationKind } from './violation.ts';
import { createViolation } from './violation.ts';

type Follower = { receive(frame: ViewerFrame): void; readonly violations: readonly Violation[] };

function createFollower({ name, fromSeq, latestOnly }: Viewer, log: LogIndex): Follower {
  const violations: Violation[] = [];
  let lastSeq = fromSeq;
  let mayJump = latestOnly;

  function report(kind: ViolationKind, sentence: string): void {
    violations.push(createViolation(kind, `viewer ${name} ${sentence}`));
  }

  function moveTo(seq: number): void {
    lastSeq = Math.max(lastSeq, seq);
    mayJump = latestOnly;
  }

  function seeEvent({ seq, eventId }: SeenEvent): void {
    if (log.byEventId.get(eventId)?.seq !== seq) {
      report('viewer-phantom', `saw event ${eventId} as seq ${seq}, which the log does not hold`);
    }
    if (seq <= lastSeq) report('viewer-regress', `saw seq ${seq} after seq ${lastSeq}`);
    else if (seq > lastSeq + 1 && !mayJump) {
      report('viewer-gap', `saw seq ${seq} after seq ${lastSeq} without being told of a gap`);
    }
    moveTo(seq);
  }

  function seeSnapshot(seq: number): void {
    if (seq < lastSeq) report('viewer-regress', `got a snapshot of seq ${seq} after ${lastSeq}`);
    if (log.standingAt(seq) === undefined) {
      report('viewer-phantom', `got a snapshot of seq ${seq}, which the log does not reach`);
    }
    moveTo(seq);
  }

  function receive(frame: ViewerFrame): void {
    if (frame.kind === 'snapshot') seeSnapshot(frame.seq);
    else if (frame.kind === 'resumed') mayJump = latestOnly || !frame.recovered;
    else frame.events.forEach(seeEvent);
  }

  return { receive, violations };
}

function checkOne(viewer: Viewer, log: LogIndex): readonly Violation[] {
  const follower = createFollower(viewer, log);
  viewer.frames.forEach(follower.receive);
  return follower.violations;
}

export function checkViewer({ history, log }: Evidence): Violation[] {
  return history.viewers.flatMap((viewer) => checkOne(viewer, log));
}
