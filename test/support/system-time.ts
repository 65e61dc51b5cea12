/** Real time, for tests without manual time. */
import { systemClock } from '../../src/core/clock.ts';
import { systemTimers } from '../../src/core/timer.ts';

export const SYSTEM_TIME = { clock: systemClock, timers: systemTimers };
