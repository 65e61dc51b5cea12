/** Whether a call failed because its server went away, and for nothing else. */
const CODES = ['ConnectionRefused', 'ECONNREFUSED', 'ECONNRESET', 'ConnectionClosed', 'EPIPE'];

export function isLostConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CODES.includes(String(error.code));
}
