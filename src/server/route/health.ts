/**
 * Health for people and for orchestrators.
 *
 * `/health/live` touches no dependency: it answers as long as the process does. `/health/ready` is 503
 * when the node cannot decide (no catalogue store) or is stopping. `/health` and `/` say both.
 */
import { type Clock, timestamp } from '../../core/clock.ts';
import { HttpError } from '../http-error.ts';
import { json } from '../reply.ts';
import type { Route } from '../route.ts';
import { Health } from '../schema/health.ts';

export type HealthParts = {
  readonly clock: Clock;
  /** Why this node cannot decide at present, undefined when it can. */
  notReady(): string | undefined;
};

export function healthRoutes({ clock, notReady }: HealthParts): Route[] {
  const healthy = () => {
    const now = timestamp(clock.nowMs());
    return json({ status: 'healthy', service: 'gavel', timestamp: now, time: now });
  };
  const ready = () => {
    const reason = notReady();
    if (reason === undefined) return healthy();
    throw new HttpError(503, 'not_ready', { message: reason });
  };
  const success = { description: 'It is well.', schema: Health };
  const refusals = { 503: ['not_ready'] } as const;
  return [
    { path: '/', summary: 'The same as /health', refusals, handle: ready },
    { path: '/health', summary: 'Whether this node is well', refusals, handle: ready },
    { path: '/health/ready', summary: 'Whether this node takes requests', refusals, handle: ready },
    { path: '/health/live', summary: 'Whether the process answers', handle: healthy },
  ].map((route) => ({ method: 'GET', tag: 'Health', success, ...route }));
}
