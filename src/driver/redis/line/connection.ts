/**
 * The connection to Redis: a single server, a master behind Sentinels, or a Cluster.
 *
 * Every call settles within `timeoutMs`. A lost connection or a timeout opens a breaker: later
 * calls are refused at once with `RedisDownError`, nothing waits in a queue, and a probe finds out
 * when Redis is back. A Cluster has one breaker per master, so that one lost master does not stop
 * the others. Redis is also probed once per second, so that an idle node knows too. Opening never
 * throws because Redis is away. No command is sent twice: after `RedisDownError` it may or may not
 * have run.
 */
import { Cluster, type Redis } from 'ioredis';
import { present } from '../../../core/assert.ts';
import type { Clock } from '../../../core/clock.ts';
import { sleep, type Timers } from '../../../core/timer.ts';
import type { Script } from '../script/script.ts';
import { bounded, LateError } from './bounded.ts';
import { openClient, openOwnClient, type RedisPlace } from './client.ts';
import { watchNodes } from './node-watch.ts';
import { createOutage } from './outage.ts';
import { isAnswer, RedisDownError } from './redis-error.ts';

export type RedisTime = { readonly clock: Clock; readonly timers: Timers };

export type RedisConnectionOptions = RedisTime & {
  readonly timeoutMs?: number;
  /** Called with the reason, once per outage; it contains no password. */
  readonly onError?: (error: unknown) => void;
};

export type RedisCalls = {
  /**
   * One call, bounded in time and guarded by the breaker of the node that holds `key`.
   * @throws RedisDownError, or the error that Redis answered
   */
  call<Reply>(key: string, send: (client: Redis | Cluster) => Promise<Reply>): Promise<Reply>;
  /** Runs a script by its hash; its text is sent only where Redis does not know it. */
  run(script: Script, keys: readonly string[], args: readonly RedisWord[]): Promise<unknown>;
};

/** It also carries the timers for its users. */
export type RedisConnection = RedisCalls &
  RedisTime &
  AsyncDisposable & {
    readonly client: Redis | Cluster;
    readonly isCluster: boolean;
    /** Whether no fault is known; an outage is noticed after 1.5 s at the latest. */
    isUp(): boolean;
    /** Whether it also accepts writes: not when Redis is out of memory or disk, or is a replica. */
    isWritable(): boolean;
    /** Waits until it is up, at most `waitMs`. @returns whether it is. */
    whenUp(waitMs: number): Promise<boolean>;
    /**
     * The same with a longer timeout. A call that exceeds it is not held against Redis: no breaker
     * opens.
     */
    patient(longestMs: number): RedisCalls;
    /** Another client, for the caller alone, to the node that holds `key`. */
    ownClient(key: string): Redis;
  };

export type RedisWord = string | number;

const DEFAULT_TIMEOUT_MS = 90;
const UP_POLL_MS = 10;

export function openRedis(place: RedisPlace, options: RedisConnectionOptions): RedisConnection {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, onError = () => {}, clock, timers } = options;
  const outage = createOutage(onError);
  const client = openClient({ place, timers, onFault: outage.report });
  const watches = watchNodes({ client, outage, timers });

  function callsWithin(longestMs: number, isPatient: boolean): RedisCalls {
    async function call<Reply>(
      key: string,
      send: (sendingClient: Redis | Cluster) => Promise<Reply>,
    ): Promise<Reply> {
      const breaker = watches.of(key);
      if (!breaker.isClosed()) throw new RedisDownError('Redis is away');
      try {
        return await bounded(timers, send(client), longestMs);
      } catch (cause) {
        if (isAnswer(cause)) throw cause;
        if (!(isPatient && cause instanceof LateError)) breaker.trip();
        throw new RedisDownError('Redis did not answer', { cause });
      }
    }
    return { call, run: runBy(call) };
  }

  const { isUp } = watches;
  return {
    ...callsWithin(timeoutMs, false),
    patient: (longestMs) => callsWithin(longestMs, true),
    client,
    clock,
    timers,
    isCluster: client instanceof Cluster,
    isUp,
    isWritable: watches.isWritable,
    whenUp: async (waitMs) => {
      const endsAtMs = clock.elapsedMs() + waitMs;
      while (!isUp() && clock.elapsedMs() < endsAtMs) await sleep(timers, UP_POLL_MS);
      return isUp();
    },
    ownClient: (key) => openOwnClient({ place, timers }, client, key),
    [Symbol.asyncDispose]: async () => {
      watches.stop();
      client.disconnect();
    },
  };
}

function runBy(call: RedisCalls['call']): RedisCalls['run'] {
  return async ({ sha, text }, keys, args) => {
    const first = present(keys[0], 'the key of a script');
    try {
      return await call(first, (to) => to.evalsha(sha, keys.length, ...keys, ...args));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return call(first, (to) => to.eval(text, keys.length, ...keys, ...args));
    }
  };
}
