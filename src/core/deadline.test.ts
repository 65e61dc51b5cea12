import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { createDeadline } from './deadline.ts';

describe('a deadline', () => {
  test('counts from the moment it was set', () => {
    const clock = createManualClock();
    clock.advance(1_000);
    const deadline = createDeadline(clock, 200);
    clock.advance(50);
    expect([deadline.tmaxMs, deadline.elapsedMs(), deadline.remainingMs()]).toEqual([200, 50, 150]);
  });

  test('has zero left when it passes and less after that', () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, 200);
    clock.advance(200);
    expect(deadline.remainingMs()).toBe(0);
    clock.advance(1);
    expect(deadline.remainingMs()).toBe(-1);
  });

  test('is not moved by a wall clock that steps', () => {
    let wallMs = 1_000_000;
    const deadline = createDeadline({ nowMs: () => wallMs, elapsedMs: () => 5 }, 200);
    wallMs -= 3_600_000;
    expect(deadline.remainingMs()).toBe(200);
  });

  test('makes the hang-up signal only when it is read', () => {
    const client = new AbortController();
    let asked = 0;
    const deadline = createDeadline(createManualClock(), 200, () => {
      asked++;
      return client.signal;
    });
    deadline.remainingMs();
    expect(asked).toBe(0);
    expect(deadline.hangUp()).toBe(client.signal);
  });

  test('has no hang-up without a client', () => {
    expect(createDeadline(createManualClock(), 200).hangUp()).toBeUndefined();
  });
});
