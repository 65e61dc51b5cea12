import { redisBookSuite } from '../../../test/support/redis-book-suite.ts';
import { sharedRedisConnection } from '../../../test/support/shared-redis-connection.ts';

const connection = await sharedRedisConnection();

redisBookSuite('one Redis, decided by Lua', connection, 'lua');
redisBookSuite('one Redis, decided optimistically', connection, 'optimistic');
