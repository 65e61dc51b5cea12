/**
 * The real servers that test files share: each starts at its first use, once per test process, and
 * stops after the last test.
 *
 * A test that needs a clean place takes a database, a key prefix or a stream of its own; one that
 * kills or stops a server starts its own (`deploy/local`).
 */
import { openNatsServer } from '../../deploy/local/nats.ts';
import { openPgBouncer } from '../../deploy/local/pgbouncer.ts';
import { openPostgres, openPostgresReplica } from '../../deploy/local/postgres.ts';
import { openRedisServer } from '../../deploy/local/redis.ts';
import { openRedisCluster } from '../../deploy/local/redis-cluster.ts';
import { freeAtEndOfTests } from './end-of-tests.ts';

export const sharedRedis = once(() => openRedisServer());
export const sharedRedisCluster = once(() => openRedisCluster());
export const sharedNats = once(() => openNatsServer());
// No test of a shared server simulates a power loss.
export const sharedPostgres = once(() => openPostgres({ fsync: false }));
export const sharedPostgresReplica = once(async () =>
  openPostgresReplica(await sharedPostgres(), { fsync: false }),
);
export const sharedPgBouncer = once(async () => openPgBouncer(await sharedPostgres()));

function once<Server extends AsyncDisposable>(open: () => Promise<Server>): () => Promise<Server> {
  let opened: Promise<Server> | undefined;
  return () => {
    opened ??= open().then(freeAtEndOfTests);
    return opened;
  };
}
