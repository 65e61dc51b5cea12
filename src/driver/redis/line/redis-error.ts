/** The two failures of a call: Redis answered with an error, or did not answer. */

/** Redis is away, or did not answer in time: the command may or may not have run. */
export class RedisDownError extends Error {
  override readonly name = 'RedisDownError';
}

/** An answer of Redis itself, even an error: the connection is alive. */
export function isAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
