/**
 * Health for people and for orchestrators.
 *
 * `/health/live` touches no dependency: it answers as long as the process does. `/health/ready` is 503
 * when the node is stopping or when there is nothing that it could do. A part that is away is named
 * and makes the status `degraded`, with 200: what does not need it goes on. `/health` and `/` say both.
 */
import { Type } from '@sinclair/typebox';
import { type Clock, timestamp } from '../../core/clock.ts';
import { HttpError } from './http-error.ts';
import { json } from './reply.ts';
import type { Route } from './route.ts';
import { Timestamp } from './schema.ts';

const Health = Type.Object(
  {
    status: Type.Union([Type.Literal('healthy'), Type.Literal('degraded')]),
    service: Type.String(),
    timestamp: Timestamp,
    time: Timestamp,
    degraded: Type.Optional(
      Type.Array(Type.String(), { description: 'parts that are away; what needs none goes on' }),
    ),
    dead_letters: Type.Optional(
      Type.Integer({ minimum: 1, description: 'events that were put aside: they fit no store' }),
    ),
  },
  { title: 'Health' },
);

export type HealthReport = {
  /** Parts that are away, by name. */
  readonly degraded: readonly string[];
  /** Events that could never be stored and were put aside. */
  readonly deadLetters: number;
};

export type HealthParts = {
  readonly clock: Clock;
  /** What this node is. */
  readonly service: string;
  /** Whether callers learn which parts are away, or only that some are. */
  readonly hasDetail: boolean;
  /** Why this node cannot serve at present, undefined when it can. */
  notReady(): string | undefined;
  report(): HealthReport | Promise<HealthReport>;
};

export function healthRoutes(parts: HealthParts): Route[] {
  const { clock, service, notReady, hasDetail, report } = parts;
  const head = (status: 'healthy' | 'degraded') => {
    const now = timestamp(clock.nowMs());
    return { status, service, timestamp: now, time: now };
  };
  const live = () => json(head('healthy'));
  const told = async () => {
    const { degraded, deadLetters } = await report();
    if (degraded.length === 0 && deadLetters === 0) return live();
    if (!hasDetail) return json(head('degraded'));
    const letters = deadLetters === 0 ? {} : { dead_letters: deadLetters };
    return json({ ...head('degraded'), degraded, ...letters });
  };
  const ready = () => {
    const reason = notReady();
    if (reason === undefined) return told();
    throw new HttpError(503, 'not_ready', { message: reason });
  };
  const success = { description: 'It is well, or does without what it names.', schema: Health };
  const refusals = { 503: ['not_ready'] } as const;
  return [
    { path: '/', summary: 'The same as /health', refusals, handle: ready },
    { path: '/health', summary: 'Whether this node is well', refusals, handle: ready },
    { path: '/health/ready', summary: 'Whether this node takes requests', refusals, handle: ready },
    { path: '/health/live', summary: 'Whether the process answers', handle: live },
  ].map((route) => ({ method: 'GET', tag: 'Health', success, ...route }));
}
