/**
 * The duties of a node in the order in which they are started: who follows a bus is there before who
 * publishes to it, so that the first events of a new store are archived too.
 */
import { apiDuty } from './api.ts';
import { archiverDuty } from './archiver.ts';
import { broadcastDuty } from './broadcast.ts';
import { closerDuty } from './closer.ts';
import type { Duty } from './duty.ts';
import { relayDuty } from './relay.ts';

export const DUTIES: readonly Duty[] = [
  archiverDuty,
  relayDuty,
  closerDuty,
  apiDuty,
  broadcastDuty,
];
