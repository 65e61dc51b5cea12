/**
 * Many calls of one script at a time: one pipeline to a single Redis, concurrent calls to a
 * Cluster, whose pipelines would have to stay within a node. Each call has its own result.
 */
import { present } from '../../../core/assert.ts';
import type { RedisConnection, RedisWord } from '../line/connection.ts';
import type { Script } from '../script/script.ts';

export type ScriptCall = {
  readonly keys: readonly string[];
  readonly args: readonly RedisWord[];
};

export type ScriptEnd = PromiseSettledResult<unknown>;

export async function runAll(
  redis: RedisConnection,
  script: Script,
  calls: readonly ScriptCall[],
): Promise<ScriptEnd[]> {
  const alone = ({ keys, args }: ScriptCall) => redis.run(script, keys, args);
  if (redis.isCluster || calls.length < 2) return Promise.allSettled(calls.map(alone));
  try {
    const ends = await pipelined(redis, script, calls);
    return await Promise.allSettled(
      calls.map((call, index) => {
        const [error, reply] = present(ends[index], 'the reply to a call');
        if (error?.message.startsWith('NOSCRIPT')) return alone(call);
        return error ? Promise.reject(error) : reply;
      }),
    );
  } catch (reason) {
    return calls.map(() => ({ status: 'rejected', reason }));
  }
}

async function pipelined(
  redis: RedisConnection,
  { sha }: Script,
  calls: readonly ScriptCall[],
): Promise<[error: Error | null, reply: unknown][]> {
  return redis.call(present(calls[0]?.keys[0], 'the key of a call'), async (client) => {
    const pipeline = client.pipeline();
    for (const { keys, args } of calls) pipeline.evalsha(sha, keys.length, ...keys, ...args);
    return present(await pipeline.exec(), 'the replies of a pipeline');
  });
}
