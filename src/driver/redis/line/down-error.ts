/** Redis is away, or did not answer in time: what was asked may or may not have been done. */
export class RedisDownError extends Error {
  override readonly name = 'RedisDownError';
}
