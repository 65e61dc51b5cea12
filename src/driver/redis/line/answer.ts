/** What Redis itself has answered, be it an error: the connection is alive. */
export function isAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
