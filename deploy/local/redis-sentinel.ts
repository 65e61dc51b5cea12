/**
 * A real Redis with a replica, and three sentinels that agree on which of the two is the master.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOOPBACK } from './free-port.ts';
import { programPath } from './program.ts';
import { askRedis, openRedisServer, type RedisServer } from './redis.ts';
import { type LocalServer, openServer } from './server.ts';
import { openServerFolder } from './server-folder.ts';
import { until } from './until.ts';

const SENTINELS = 3;
const QUORUM = 2;
const MASTER_NAME = 'gavel';

export type RedisSentinels = AsyncDisposable & {
  /** The sentinels' name of the master. */
  readonly masterName: string;
  /** `host:port` of every sentinel. */
  readonly addresses: readonly string[];
  readonly sentinels: readonly LocalServer[];
  /** The initial master. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
};

type SentinelOptions = {
  readonly folder?: string;
  /** Time without an answer after which a sentinel considers the master down. */
  readonly downAfterMs?: number;
};

export async function openRedisSentinels(options: SentinelOptions = {}): Promise<RedisSentinels> {
  const { downAfterMs = 1_000 } = options;
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await openServerFolder('redis-sentinel', options.folder)).path;
  const master = opening.use(await openRedisServer({ folder: join(folder, 'master') }));
  const replica = opening.use(
    await openRedisServer({
      folder: join(folder, 'replica'),
      args: ['--replicaof', LOOPBACK, `${master.port}`],
    }),
  );
  await until('the replica follows the master', async () =>
    (await askRedis(replica.port, 'INFO', 'replication')).includes('master_link_status:up'),
  );
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, async (_, index) =>
      opening.use(await openSentinel(join(folder, `${index + 1}`), master.port, downAfterMs)),
    ),
  );
  await until('the sentinels know each other and the replica', async () =>
    (await Promise.all(sentinels.map(knowsAll))).every((knows) => knows),
  );
  const whole = opening.move();
  return {
    masterName: MASTER_NAME,
    addresses: sentinels.map((sentinel) => sentinel.address),
    sentinels,
    master,
    replica,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

function openSentinel(folder: string, masterPort: number, downAfterMs: number) {
  return openServer({
    name: 'sentinel',
    folder,
    async launch({ port }) {
      // A sentinel writes its state into its settings file, so the file is made only once.
      const file = join(folder, 'sentinel.conf');
      if (!existsSync(file)) {
        await writeFile(
          file,
          [
            `port ${port}`,
            `bind ${LOOPBACK}`,
            `dir "${folder}"`,
            `sentinel monitor ${MASTER_NAME} ${LOOPBACK} ${masterPort} ${QUORUM}`,
            `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMs}`,
            `sentinel failover-timeout ${MASTER_NAME} 5000`,
            '',
          ].join('\n'),
        );
      }
      return {
        command: [programPath('redis-server'), file, '--sentinel'],
        isReady: async () => (await askRedis(port, 'PING')) === 'PONG',
      };
    },
  });
}

async function knowsAll({ port }: LocalServer): Promise<boolean> {
  const facts = (await askRedis(port, 'SENTINEL', 'MASTER', MASTER_NAME)).split(',');
  const fact = (name: string) => Number(facts[facts.indexOf(name) + 1]);
  return fact('num-slaves') === 1 && fact('num-other-sentinels') === SENTINELS - 1;
}
