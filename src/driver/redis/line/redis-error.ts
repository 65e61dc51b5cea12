/** The two ways in which a call fails: Redis has answered with an error, or has not answered. */

/** Redis is away, or did not answer in time: what was asked may or may not have been done. */
export class RedisDownError extends Error {
  override readonly name = 'RedisDownError';
}

/** What Redis itself has answered, be it an error: the connection is alive. */
export function isAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
