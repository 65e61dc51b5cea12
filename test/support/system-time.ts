/** The time that goes by itself, for what a test does not turn by hand. */
import { systemClock } from '../../src/core/clock.ts';
import { systemTimers } from '../../src/core/timer.ts';

export const SYSTEM_TIME = { clock: systemClock, timers: systemTimers };
