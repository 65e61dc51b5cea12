/**
 * A real redis-server that keeps acknowledged writes: an append-only file, synced at every write by
 * default and repaired before each start, no snapshots, and no eviction.
 */
import { Redis } from 'ioredis';
import { mendAppendOnlyFile } from './append-only-file.ts';
import { LOOPBACK } from './free-port.ts';
import { programPath } from './program.ts';
import { type LocalServer, openServer, type ServerOptions } from './server.ts';

export type RedisServer = LocalServer;

export type RedisOptions = ServerOptions & {
  readonly name?: string;
  readonly appendFsync?: 'always' | 'everysec' | 'no';
  /** Further command-line arguments, such as `--requirepass`. */
  readonly args?: readonly string[];
};

export function openRedisServer(options: RedisOptions = {}): Promise<RedisServer> {
  const { name = 'redis', appendFsync = 'always', args = [] } = options;
  return openServer({
    ...options,
    name,
    async launch({ folder, port }) {
      await mendAppendOnlyFile(folder);
      return {
        command: [
          programPath('redis-server'),
          ...['--port', `${port}`, '--bind', LOOPBACK, '--dir', folder],
          ...['--appendonly', 'yes', '--appendfsync', appendFsync, '--save', ''],
          ...['--aof-load-truncated', 'no', '--maxmemory-policy', 'noeviction'],
          // By default it waits 5 s for more replicas before it copies to the first.
          ...['--repl-diskless-sync-delay', '0'],
          ...args,
        ],
        isReady: () => isServing(port),
      };
    },
  });
}

/** One command on its own connection, which gives up when the server is down. */
export async function askRedis(port: number, ...words: [string, ...string[]]): Promise<string> {
  const [command, ...args] = words;
  const redis = new Redis({
    host: LOOPBACK,
    port,
    lazyConnect: true,
    retryStrategy: () => null,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    // With RESP3 a server with a password refuses the connection, not the command.
    protocol: 2,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return String(await redis.call(command, ...args));
  } finally {
    redis.disconnect();
  }
}

/** NOAUTH from a server with a password counts as an answer; an error while loading does not. */
async function isServing(port: number): Promise<boolean> {
  const answer = await askRedis(port, 'PING').catch((error: Error) => error.message);
  return answer === 'PONG' || answer.startsWith('NOAUTH');
}
