import { redisBookSuite } from '../../../../test/support/redis-book-suite.ts';
import { sharedClusterConnection } from '../../../../test/support/shared-redis-connection.ts';

const connection = await sharedClusterConnection();

redisBookSuite('a Redis Cluster, decided by Lua', connection, 'lua');
redisBookSuite('a Redis Cluster, decided optimistically', connection, 'optimistic');
