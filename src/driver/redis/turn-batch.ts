/**
 * Calls of one script that come within one turn of the event loop, sent together.
 *
 * A call alone waits for nothing but the end of its turn. Measured on 2026-11-21 with hits of the rate
 * limiter, 64 at a time: 88,000 a second at 4 us of the node's processor, sent each by itself 56,000 at
 * 10 us.
 */
import type { RedisConnection } from './connection.ts';
import type { Script } from './script.ts';
import { runAll, type ScriptCall } from './script-batch.ts';

type Waiting = {
  readonly call: ScriptCall;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (reason: unknown) => void;
};

export function createTurnBatch(redis: RedisConnection, script: Script) {
  let waiting: Waiting[] = [];

  async function send(): Promise<void> {
    const sent = waiting;
    waiting = [];
    const ends = await runAll(
      redis,
      script,
      sent.map(({ call }) => call),
    );
    for (const [index, { resolve, reject }] of sent.entries()) {
      const end = ends[index];
      if (end?.status === 'fulfilled') resolve(end.value);
      else reject(end?.reason);
    }
  }

  return (call: ScriptCall): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void send());
      waiting.push({ call, resolve, reject });
    });
}
